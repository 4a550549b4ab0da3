"""The parts of DDI Codebook 2.5 that the project writes, stated as data, and a check of documents against them.

`prove.py` beside this file shows, given the published schema, that whatever the schema refuses is refused here too.
"""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as ET

NAMESPACE = "ddi:codebook:2_5"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# element: children in order, with ? (at most one), * (any), + (one or more) or nothing (exactly one); "text" where an
# element holds text. After the bar its attributes, with ! where required, their words in brackets, and id, ref or refs
# for identifiers and references.
STATEMENT = """
codeBook: docDscr* stdyDscr+ fileDscr* dataDscr* | version[2.5] lang
docDscr: citation?
citation: titlStmt rspStmt? prodStmt? distStmt? verStmt* biblCit? holdings* notes*
titlStmt: titl altTitl* IDNo*
titl: text
altTitl: text
IDNo: text | agency
rspStmt: AuthEnty*
AuthEnty: text
prodStmt: producer* copyright? prodDate* software*
producer: text
copyright: text
prodDate: text | date
software: text
distStmt: distrbtr* distDate?
distrbtr: text
distDate: text | date
verStmt: version?
version: text | date type
biblCit: text | format
holdings: text | URI
notes: text | level subject type
stdyDscr: citation+ stdyInfo* method* dataAccs*
stdyInfo: subject* abstract* sumDscr*
subject: keyword*
keyword: text
abstract: text | contentType[abstract,purpose,mixed] lang
sumDscr: timePrd* nation* geogCover* geogUnit* anlyUnit* universe* dataKind*
timePrd: text | event[start,end,single] date cycle
nation: text | abbr
geogCover: text
geogUnit: text
anlyUnit: text | unit
universe: text
dataKind: text
method: dataColl* notes* anlyInfo?
dataColl: timeMeth* frequenc* collMode* sources?
timeMeth: text | method
frequenc: text
collMode: text
sources: dataSrc*
dataSrc: text
anlyInfo: dataAppr*
dataAppr: text | type
dataAccs: setAvail* useStmt*
setAvail: avlStatus* complete? fileQnty?
avlStatus: text
complete: text
fileQnty: text
useStmt: restrctn? citReq? conditions?
restrctn: text
citReq: text
conditions: text
fileDscr: fileTxt* notes* | ID:id
fileTxt: fileName? fileCont? dimensns? fileType? dataMsng?
fileName: text
fileCont: text
dimensns: caseQnty* varQnty*
caseQnty: text
varQnty: text
fileType: text | charset
dataMsng: text
dataDscr: varGrp* var* notes*
varGrp: labl* | ID:id name type[section,grid,subject,other] var:refs
labl: text | level lang
var: location* labl* security? respUnit? qstn* valrng* invalrng* universe* TotlResp? sumStat* txt* catgry* codInstr* \
concept* derivation? varFormat? notes* | ID:id name! intrvl[contin,discrete] measUnit temporal[Y,N] geog[Y,N] geoVocab \
nature[nominal,ordinal,interval,ratio,percent,other] representationType[text,numeric,code,datetime,other]
location: | fileid:ref
security: text
respUnit: text
qstn: qstnLit* text
qstnLit: text | lang
valrng: range+
range: | UNITS[INT,REAL] min max
invalrng: item+
item: | VALUE!
TotlResp: text
sumStat: text | type![mean,medn,mode,vald,invd,min,max,stdev,other]
txt: text | level lang
catgry: catValu? labl* catStat* | missing[Y,N] missType excls[true,false]
catValu: text
catStat: text | type[freq,percent,crosstab,other]
codInstr: text | lang
concept: text | vocab
derivation: drvdesc?
drvdesc: text | lang
varFormat: text | type[character,numeric]
"""


class Rule:
    """What one element may hold: a pattern over its children's names, whether text, and its attributes."""

    def __init__(self, line: str) -> None:
        self.name, _, rest = line.partition(":")
        content, _, attributes = rest.partition("|")
        parts = content.split()
        self.text = "text" in parts
        children = [re.fullmatch(r"(\w+)([?*+]?)", part) for part in parts if part != "text"]
        self.order = re.compile("".join(f"(?:{found[1]} ){found[2]}" for found in children if found))
        self.attributes: dict[str, tuple[frozenset[str], str]] = {}
        self.required: set[str] = set()
        for part in attributes.split():
            found = re.fullmatch(r"(\w+)(!?)(?:\[([\w.,]+)\])?(?::(\w+))?", part)
            assert found, part
            self.attributes[found[1]] = (frozenset((found[3] or "").split(",")) - {""}, found[4] or "")
            if found[2]:
                self.required.add(found[1])


RULES = {rule.name: rule for rule in map(Rule, STATEMENT.replace("\\\n", "").strip().splitlines())}


def faults(text: str) -> list[str]:
    """List what is wrong with a document: order and number of elements, attributes, identifiers and references."""
    root = ET.fromstring(text)  # noqa: S314 - written by the project itself
    if root.tag != f"{{{NAMESPACE}}}codeBook":
        return [f"the root is {root.tag}"]
    found: list[str] = []
    identifiers: list[str] = []
    references: list[str] = []
    for element in root.iter():
        name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
        rule = RULES.get(name)
        if rule is None:
            found.append(f"{name} is not known")
            continue
        children = "".join(f"{child.tag.removeprefix(f'{{{NAMESPACE}}}')} " for child in element)
        if not rule.order.fullmatch(children):
            found.append(f"{name} holds {children.strip() or 'nothing'}")
        texts = [element.text or "", *((child.tail or "") for child in element)]
        if not rule.text and any(part.strip() for part in texts):
            found.append(f"{name} holds text")
        given = {"lang" if key == _LANG else key: value for key, value in element.attrib.items()}
        found += [f"{name} lacks {key}" for key in sorted(rule.required - set(given))]
        for key, value in given.items():
            if key not in rule.attributes:
                found.append(f"{name} has {key}")
                continue
            words, kind = rule.attributes[key]
            if words and value not in words:
                found.append(f"{name} has {key}={value}")
            if key == "lang" and not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", value):
                found.append(f"{name} has lang={value}")
            if kind == "id":
                identifiers.append(value)
            elif kind:
                references += [value] if kind == "ref" else value.split() or [""]
    found += [f"{one} is no identifier" for one in identifiers if not re.fullmatch(r"[A-Za-z_][\w.-]*", one)]
    counts = Counter(identifiers)
    found += [f"{one} is given twice" for one, count in counts.items() if count > 1]
    return found + [f"{one} is referred to and not there" for one in references if one not in counts]
