"""The closed lists of the project: kinds, rules, statuses, reasons, and the header of every table."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ADJUDICATION_COLUMNS",
    "BLOCKS",
    "CLAIM_COLUMNS",
    "CODED_TYPES",
    "CODE_COLUMNS",
    "CODE_KINDS",
    "CODE_SCHEMES",
    "CODING_COLUMNS",
    "CODING_LEVELS",
    "DECISION_REASONS",
    "EFFECTS",
    "ERRATA_COLUMNS",
    "GRADES",
    "KINDS",
    "LABEL_ENDINGS",
    "LANGUAGES",
    "LATER_COLUMNS",
    "LITERATURE_CHECKS",
    "LITERATURE_COLUMNS",
    "LONGEST_CODE_LABEL",
    "LONGEST_LABEL",
    "MISSING_LABELS",
    "MISSING_REASONS",
    "MODALITIES",
    "NAME_COLUMNS",
    "NAME_KINDS",
    "NAME_LANGUAGES",
    "OBSERVATION_COLUMNS",
    "PASSAGE_COLUMNS",
    "PASSAGE_KINDS",
    "PROGRAMME_COLUMNS",
    "PROGRAMME_KINDS",
    "REASONS",
    "RELATIONS",
    "RELATION_COLUMNS",
    "RELIABILITY_COLUMNS",
    "RENAMED_COLUMNS",
    "RULES",
    "SCOPES",
    "SHORT_LABEL_COLUMNS",
    "SOURCE_COLUMNS",
    "SOURCE_TYPES",
    "STATUSES",
    "TEXT_TYPES",
    "TIMINGS",
    "TYPES",
    "UNIT_COLUMNS",
    "UNIT_KINDS",
    "VERDICTS",
    "VERDICT_COLUMNS",
]

LANGUAGES: Final = ("en", "fa", "ar", "zh")
KINDS: Final = ("claims", "observations", "register")
TYPES: Final = ("ordinal", "binary", "count", "numeric", "nominal", "multi", "text")
TEXT_TYPES: Final = ("nominal", "multi", "text")
CODED_TYPES: Final = ("ordinal", "binary", "nominal", "multi")
RULES: Final = (
    "highest_in_force",
    "weakest_programme",
    "agreement",
    "agreement_signed",
    "union_in_force",
    "range_in_year",
    "count_events",
    "presence",
)
TIMINGS: Final = ("year_end", "in_year")
SCOPES: Final = ("national", "subnational", "all")
MODALITIES: Final = ("asserted", "attributed", "plan", "evaluation", "survey")
STATUSES: Final = ("accepted", "contested", "rejected")
GRADES: Final = ("E0", "E1", "E2", "E3", "E4")
REASONS: Final = (
    "wrong_scope",
    "wrong_unit",
    "wrong_date",
    "plan_as_fact",
    "private_as_state",
    "misattributed",
    "mistranslated",
    "superseded",
    "no_support",
    "sources_disagree",
    "overgeneralised",
    "not_state_action",
    "duplicate",
)
DECISION_REASONS: Final = (
    *REASONS,
    "more_evidence",
    "codebook_rule",
    "codebook_unclear",
    "date_of_report",
    "source_unread",
    "slip",
)
EFFECTS: Final = ("sets_value", "rule_stands", "claims_mended")
CODING_LEVELS: Final = ("claim", "value", "stage")
VERDICTS: Final = ("corroborated", "contested", "wrong", "not_found")
PASSAGE_KINDS: Final = ("facts", "framing", "literature", "heading", "apparatus")
LITERATURE_CHECKS: Final = ("as_stated", "misread", "misprinted", "ambiguous", "not_found", "not_opened")
MISSING_REASONS: Final = ("no_evidence", "unclear", "not_applicable", "not_coded")
# What a reader of a file sees in place of a reason, in the order of LANGUAGES. The second row of each is for imported
# series, which nobody coded: their source speaks, or does not.
MISSING_LABELS: Final = {
    "no_evidence": {
        "claims": (
            "looked for, no evidence found",
            "جست‌وجو شد، شاهدی یافت نشد",
            "بُحث عنه ولم يوجد دليل",
            "已查找，无证据",
        ),
        "observations": ("the source has no value", "منبع مقداری ندارد", "لا قيمة في المصدر", "来源无数值"),
    },
    "unclear": {
        "claims": (
            "evidence that fixes no level",
            "شواهد هست، اما سطح را معین نمی‌کند",
            "أدلة لا تحدد المستوى",
            "有证据但不足以确定等级",
        ),
        "observations": ("unclear in the source", "در منبع روشن نیست", "غير واضح في المصدر", "来源不明确"),
    },
    "not_applicable": {
        "claims": ("does not apply", "موضوعیت ندارد", "لا ينطبق", "不适用"),
        "observations": ("does not apply", "موضوعیت ندارد", "لا ينطبق", "不适用"),
    },
    "not_coded": {
        "claims": ("not looked for yet", "هنوز جست‌وجو نشده", "لم يُبحث عنه بعد", "尚未编码"),
        "observations": (
            "the source does not cover this year",
            "منبع این سال را در بر نمی‌گیرد",
            "لا يغطي المصدر هذه السنة",
            "来源不含该年份",
        ),
    },
}
SOURCE_TYPES: Final = (
    "statute",
    "official",
    "court",
    "peer_reviewed",
    "report",
    "book",
    "press",
    "dataset",
    "web",
    "seed",
    "leak",
    "technical",
)
PROGRAMME_KINDS: Final = (
    "programme",
    "plan",
    "law",
    "platform",
    "mechanism",
    "institution",
    "pilot",
    "tool",
    "firm",
    "campaign",
    "analytic_label",
)
RELATIONS: Final = ("part_of", "predecessor_of", "feeds_into", "implements", "supplied_by")
UNIT_KINDS: Final = ("state", "partial", "territory")
NAME_LANGUAGES: Final = ("ar", "en", "es", "fa", "fr", "ru", "zh")
NAME_KINDS: Final = ("unit", "part", "group", "gone")
CODE_KINDS: Final = ("unit", "early", "part", "group", "gone")
CODE_SCHEMES: Final = (
    "iso3",
    "iso2",
    "iso_numeric",
    "cow_code",
    "cow_abb",
    "gw_code",
    "gw_abb",
    "vdem_id",
    "vdem_text",
    "world_bank",
    "polity_code",
    "polity_abb",
    "fips",
    "ioc",
)
BLOCKS: Final = {
    "A": "Collection infrastructure",
    "B": "Integration and analysis",
    "C": "Consequence mechanisms",
    "D": "Legal safeguards",
    "E": "Governance structure",
    "F": "Two-sided effects",
    "S": "As documented by one monitor",
    "V": "Companions of an indicator",
    "R": "Programme record",
    "X": "Expert scores",
    "Z": "Covariates",
    "U": "Units",
}

SOURCE_COLUMNS: Final = (
    "source_id",
    "authors",
    "year",
    "title",
    "title_original",
    "lang",
    "type",
    "publisher",
    "url",
    "file",
    "version",
    "licence",
    "accessed",
    "opened",
    "note",
)
CLAIM_COLUMNS: Final = (
    "claim_id",
    "iso3",
    "indicator",
    "code",
    "low",
    "high",
    "start",
    "end",
    "scope",
    "region",
    "programme_id",
    "modality",
    "status",
    "reason",
    "grade",
    "source_id",
    "locator",
    "cites",
    "gloss",
    "definition",
    "coder",
    "coded_on",
    "comment",
)
PROGRAMME_COLUMNS: Final = (
    "programme_id",
    "iso3",
    "kind",
    "name_en",
    "name_local",
    "name_local_lang",
    "name_latin",
    "name_fa",
    "name_ar",
    "name_zh",
    "lead_bodies",
    "start_note",
    "description",
    "source_ids",
)
RELATION_COLUMNS: Final = ("programme_id", "relation", "other_id", "status", "source_id", "locator", "comment")
ADJUDICATION_COLUMNS: Final = (
    "adjudication_id",
    "iso3",
    "indicator",
    "scope",
    "start_year",
    "end_year",
    "value",
    "low",
    "high",
    "reason",
    "comment",
    "coder",
    "decided_on",
    "claim_ids",
    "effect",
)
# Columns that tables gained after their first release. A file without them is read as if they were empty, and a
# release that froze such a file is rebuilt without them.
LATER_COLUMNS: Final = frozenset({"cites", "effect"})
LITERATURE_COLUMNS: Final = (
    "work_id",
    "authors",
    "year",
    "title",
    "type",
    "url",
    "cited_as",
    "seed_ids",
    "lines",
    "listed",
    "summary",
    "check",
    "correction",
    "source_id",
)
VERDICT_COLUMNS: Final = (
    "verdict_id",
    "claim_ids",
    "verdict",
    "finding",
    "answer_ids",
    "comment",
    "coder",
    "decided_on",
)
PASSAGE_COLUMNS: Final = ("source_id", "first_line", "last_line", "section", "kind", "gist")
CODING_COLUMNS: Final = (
    "coding_id",
    "level",
    "claim_id",
    "iso3",
    "indicator",
    "scope",
    "programme_id",
    "start_year",
    "end_year",
    "round",
    "code",
    "low",
    "high",
    "missing",
    "claim_scope",
    "modality",
    "status",
    "grade",
    "coder",
    "coded_on",
    "given",
    "adjudication_id",
    "comment",
)
RELIABILITY_COLUMNS: Final = (
    "level",
    "indicator",
    "variable",
    "metric",
    "units",
    "both_coded",
    "agreement",
    "compatible",
    "alpha",
    "alpha_low",
    "alpha_high",
    "note",
)
OBSERVATION_COLUMNS: Final = (
    "iso3",
    "year",
    "value",
    "low",
    "high",
    "sd",
    "missing",
    "source_id",
    "source_version",
    "note",
)
UNIT_COLUMNS: Final = (
    "iso3",
    "country_name",
    "kind",
    "start",
    "end",
    "iso2",
    "iso_numeric",
    "cow_code",
    "cow_abb",
    "gw_code",
    "vdem_id",
    "un_member_from",
    "sovereign",
    "predecessor",
    "successor",
    "source_ids",
    "note",
)
# Files that stand beside the releases of a dataset and may grow: the releases themselves never change.
ERRATA_COLUMNS: Final = (
    "number",
    "first_version",
    "last_version",
    "indicator",
    "scope",
    "countries",
    "first_year",
    "last_year",
    "fault",
    "remedy",
    "reported_on",
)
RENAMED_COLUMNS: Final = ("indicator", "became", "version", "reason")
SHORT_LABEL_COLUMNS: Final = ("lang", "label", "short")
# What a companion column adds to the label of its indicator, in the order of LANGUAGES.
LABEL_ENDINGS: Final = {
    "_sub": (", highest subnational", "، بالاترین زیرملی", "، أعلى قيمة دون الوطنية", "，地方最高值"),
    "_low": (", lowest reading", "، کمینه", "، الأدنى", "，下限"),
    "_high": (", highest reading", "، بیشینه", "، الأعلى", "，上限"),
    "_sd": (", standard deviation", "، انحراف معیار", "، الانحراف المعياري", "，标准差"),
    "_missing": (", reason missing", "، دلیل نبود", "، سبب الغياب", "，缺失原因"),
}
LONGEST_LABEL: Final = 80  # characters of a column's label in Stata
LONGEST_CODE_LABEL: Final = 120  # bytes of a code's label in SPSS
NAME_COLUMNS: Final = ("name", "iso3", "start", "end", "kind", "source_id", "note")
CODE_COLUMNS: Final = ("scheme", "code", "iso3", "start", "end", "kind", "source_id", "note")
