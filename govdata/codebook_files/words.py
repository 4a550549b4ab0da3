"""The fixed words of a codebook in four languages, and its rules in sentences."""

from __future__ import annotations

from typing import Final

from govdata import vocabulary

__all__ = ["COMMAS", "RULES", "STATUSES", "TIMINGS", "word"]

COMMAS: Final = {"en": ", ", "fa": "، ", "ar": "، ", "zh": "，"}

# In the order of vocabulary.LANGUAGES.
_WORDS: Final = {
    "agreement": ("Agreement of two coders", "توافق دو کدگذار", "اتفاق المرمّزَين", "两位编码者的一致性"),
    "attribution": ("Whom else to name", "چه کسان دیگری باید نام برده شوند", "من ينبغي ذكره أيضًا", "其他署名要求"),
    "block": ("Block", "بخش", "القسم", "部分"),
    "bounds": ("Open, with bounds", "باز، با کران‌ها", "مفتوحة بين حدّين", "未定，有上下限"),
    "cells": ("Cells", "خانه‌ها", "الخلايا", "单元格"),
    "citation": ("Citation", "شیوهٔ ارجاع", "الاستشهاد", "引用"),
    "claims_count": ("Claims", "گزاره‌ها", "الإفادات", "陈述"),
    "claims_of": ("Reads the claims of", "گزاره‌های این شاخص را می‌خواند", "يقرأ إفادات", "读取下列指标的陈述"),
    "clarification": ("Clarification", "توضیح", "توضيح", "说明"),
    "code": ("Code", "کد", "الرمز", "代码"),
    "codebook": ("Codebook", "دفترچهٔ کدها", "دليل الترميز", "编码手册"),
    "codes": ("Codes", "کدها", "الرموز", "代码"),
    "column": ("Column", "ستون", "العمود", "列"),
    "columns": ("Columns", "ستون‌ها", "الأعمدة", "列"),
    "comparable": ("Comparable items", "سنجه‌های مشابه", "بنود مشابهة", "可比项目"),
    "contents": ("Contents", "فهرست", "المحتويات", "目录"),
    "coverage": ("Coverage", "پوشش", "التغطية", "覆盖范围"),
    "dataset": ("Dataset", "مجموعه‌داده", "مجموعة البيانات", "数据集"),
    "description": ("Description", "شرح", "الوصف", "描述"),
    "direction": ("Direction", "جهت", "الاتجاه", "方向"),
    "english": ("English", "انگلیسی", "الإنجليزية", "英文"),
    "errata": (
        "Known faults of this version",
        "خطاهای شناخته‌شدهٔ این نسخه",
        "أخطاء معروفة في هذا الإصدار",
        "本版本的已知错误",
    ),
    "evidence": ("What counts as evidence", "چه چیزی شاهد است", "ما يُعدّ دليلًا", "何为证据"),
    "fault": ("Fault", "خطا", "الخطأ", "错误"),
    "frequencies": ("Counts", "شمارش", "الأعداد", "频数"),
    "holds": ("Holds", "محتوا", "المحتوى", "内容"),
    "how_to_read": ("How to read this codebook", "راهنمای خواندن", "كيف يُقرأ هذا الدليل", "阅读说明"),
    "indicator": ("Indicator", "شاخص", "المؤشر", "指标"),
    "indicators": ("Indicators", "شاخص‌ها", "المؤشرات", "指标"),
    "label": ("Label", "برچسب", "التسمية", "标签"),
    "labels": ("Labels", "برچسب‌ها", "التسميات", "标签"),
    "licence": ("Licence", "پروانه", "الرخصة", "许可"),
    "limits": ("Limits", "محدودیت‌ها", "الحدود", "局限"),
    "looked_for": ("Looked for in", "جست‌وجوشده در", "بُحث عنه في", "已查找的国家"),
    "everywhere": ("all units", "همهٔ واحدها", "جميع الوحدات", "所有单位"),
    "meaning": ("Meaning", "معنا", "المعنى", "含义"),
    "missing": ("Missing values", "مقدارهای نبوده", "القيم الغائبة", "缺失值"),
    "national": ("national", "ملی", "على المستوى الوطني", "全国"),
    "none": ("none", "هیچ", "لا شيء", "无"),
    "number": ("Number", "شماره", "الرقم", "编号"),
    "original": ("Name in the source", "نام در منبع", "الاسم في المصدر", "来源中的名称"),
    "question": ("Question", "پرسش", "السؤال", "问题"),
    "range": ("Lowest and highest value", "کمترین و بیشترین مقدار", "أدنى قيمة وأعلاها", "最小值与最大值"),
    "reason": ("Reason", "دلیل", "السبب", "原因"),
    "released": ("Released", "تاریخ انتشار", "تاريخ الإصدار", "发布日期"),
    "remedy": ("Remedy", "چاره", "المعالجة", "处理方法"),
    "rule": ("Rule", "قاعده", "القاعدة", "规则"),
    "scopes": ("Scopes", "دامنه‌ها", "النطاقات", "层级"),
    "size": ("Size", "اندازه", "الحجم", "规模"),
    "source": ("Source", "منبع", "المصدر", "来源"),
    "sources": ("Sources", "منابع", "المصادر", "来源"),
    "status": ("Status", "وضعیت", "الحالة", "状态"),
    "statuses": ("Statuses of values", "وضعیت‌های مقدارها", "حالات القيم", "数值状态"),
    "subnational": ("highest subnational", "بالاترین زیرملی", "أعلى قيمة دون الوطنية", "地方最高值"),
    "timing": ("Timing", "زمان", "التوقيت", "时点"),
    "type": ("Type", "نوع", "النوع", "类型"),
    "unit": ("Unit", "یکای سنجش", "الوحدة", "单位"),
    "units": ("units", "واحد", "وحدة", "个单位"),
    "units_valued": ("Units with a value", "واحدهای دارای مقدار", "وحدات لها قيمة", "有数值的单位"),
    "unit_years": ("unit-years", "واحد-سال", "وحدة-سنة", "个单位年"),
    "values": ("With a value", "دارای مقدار", "لها قيمة", "有数值"),
    "version": ("Version", "نسخه", "الإصدار", "版本"),
    "years": ("Years", "سال‌ها", "السنوات", "年份"),
    "years_valued": ("Years with a value", "سال‌های دارای مقدار", "سنوات لها قيمة", "有数值的年份"),
    "value": ("the value", "مقدار", "القيمة", "数值"),
    "value_low": ("lower bound", "کران پایین", "الحد الأدنى", "下限"),
    "value_high": ("upper bound", "کران بالا", "الحد الأعلى", "上限"),
    "value_sd": ("standard deviation", "انحراف معیار", "الانحراف المعياري", "标准差"),
    "ordinal": ("ordinal", "ترتیبی", "ترتيبي", "有序"),
    "binary": ("binary", "دوتایی", "ثنائي", "二分"),
    "count": ("count", "شمارشی", "عدد", "计数"),
    "numeric": ("numeric", "عددی", "رقمي", "数值"),
    "nominal": ("nominal", "اسمی", "اسمي", "名义"),
    "multi": ("several codes", "چندکدی", "عدة رموز", "多选"),
    "text": ("text", "متن", "نص", "文本"),
    "prose": (
        "",
        "پرسش‌ها و توضیح‌ها به زبانی که کدگذاری با آن انجام شده است، یعنی انگلیسی، آمده‌اند.",
        "الأسئلة والتوضيحات باللغة التي جرى بها الترميز، وهي الإنجليزية.",
        "问题与说明以编码时所用的英文给出。",
    ),
}
RULES: Final = {
    "": "None: the value is carried over from its source, digit for digit.",
    "highest_in_force": (
        "The highest accepted code in force is the value. Evidence that shows presence without a level adds nothing "
        "where an accepted code lies within its bounds, and leaves the value open between them where it lies above."
    ),
    "weakest_programme": (
        "Each programme has its highest accepted code, and the lowest of these is the value. Where one is open, "
        "the value is open between the lowest lower and the lowest upper bound."
    ),
    "agreement": (
        "The code on which all accepted claims agree. Where they differ, the value is open between the lowest and "
        "the highest of them."
    ),
    "agreement_signed": (
        "The code on which all accepted claims agree, on a scale on which 0 is no effect. Where only contested claims "
        "speak, the value is open between their findings and 0."
    ),
    "union_in_force": "All accepted codes in force, sorted and joined by semicolons.",
    "range_in_year": (
        "The number on which all accepted claims agree. Where they differ, the value is open between the lowest and "
        "the highest of them."
    ),
    "count_events": (
        "How many accepted claims report an event; 0 only where a claim says that there was none, and no other speaks."
    ),
    "presence": (
        "1 where an accepted claim of the indicator that it reads shows a level above 0, even without saying which; 0 "
        "where every accepted claim says 0; otherwise open between 0 and 1."
    ),
}
TIMINGS: Final = {
    "year_end": "What is in force on 31 December of the year.",
    "in_year": "What held at any time in the year.",
}
STATUSES: Final = {
    "corroborated": "Two or more sources agree.",
    "single_source": "One source.",
    "contested": "Sources disagree; the bounds reach out to what is contested.",
    "interval": "The evidence fixes bounds and no single code.",
    "plan_only": "Only plans were found, which make no value.",
    "not_found": "Looked for, and nothing was found.",
    "adjudicated": "A written decision stands in place of the rule.",
    "imported": "Carried over from a source.",
}


def word(name: str, language: str) -> str:
    """Give a fixed word in a language."""
    return _WORDS[name][vocabulary.LANGUAGES.index(language)]
