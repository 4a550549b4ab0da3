"""Sphinx configuration: pages come from this folder, everything about data from the installed package."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import govdata

project = "govdata"
author = "The govdata contributors"
project_copyright = author
release = govdata.__version__
version = release
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "site_extension"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
templates_path = ["_templates"]
exclude_patterns = ["_build", "_ext", "_templates", "Thumbs.db", ".DS_Store"]

# MyST: definition lists, formulas and headings that can be linked to. Released data never
# pass through it, but for titles, whose punctuation is escaped.
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3

highlight_language = "text"  # a block says what it is, or is plain

# The public API, written from its docstrings.
autosummary_generate = True
# `table` and `Table` must not share a file where names are not told apart by case.
autosummary_filename_map = {
    "govdata.report.Table": "govdata.report.Table-class",
    "govdata.stats.Interaction": "govdata.stats.Interaction-class",
    "govdata.stats.Jackknife": "govdata.stats.Jackknife-class",
    "govdata.stats.Robustness": "govdata.stats.Robustness-class",
    "govdata.stats.Sensitivity": "govdata.stats.Sensitivity-class",
}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
python_maximum_signature_line_length = 88
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
toc_object_entries_show_parents = "hide"
python_use_unqualified_type_names = True

# Pages. No file of another server is asked for: formulas become MathML, fonts and scripts lie in the built folder.
html_theme = "pydata_sphinx_theme"
html_math_renderer = "mathml"
html_title = f"govdata {release}"
html_static_path = ["_static"]
html_css_files = ["govdata.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_last_updated_fmt = None
html_theme_options = {
    "logo": {"text": "govdata"},
    "show_prev_next": True,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_depth": 3,
    "show_nav_level": 1,
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "article_footer_items": [],
    "back_to_top_button": False,
}
html_sidebars: dict[str, list[str]] = {"index": [], "install": [], "quickstart": []}
html_context = {"default_mode": "auto"}
