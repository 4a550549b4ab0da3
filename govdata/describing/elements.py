"""Elements of an XML document: made with text that XML can hold, written the same everywhere."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as ET

__all__ = ["LANG", "child", "written"]

LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
"""The attribute ``xml:lang``."""
_UNFIT: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def child(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    """Add an element to another.

    Parameters
    ----------
    parent
        Where it is added, last.
    tag
        Its name.
    text
        Characters that XML cannot hold are left out, and any run of white space is one blank.
    **attributes
        Empty ones are left out; ``lang`` is ``xml:lang``.
    """
    made = ET.SubElement(parent, tag)
    if text:
        made.text = " ".join(_UNFIT.sub("", text).split())
    for name, value in attributes.items():
        if value:
            made.set(LANG if name == "lang" else name, " ".join(_UNFIT.sub("", value).split()))
    return made


def written(root: ET.Element) -> str:
    """Write a document, indented, with its declaration; it ends with a newline."""
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
