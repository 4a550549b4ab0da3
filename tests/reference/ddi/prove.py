"""Show that `structure.py` refuses whatever the published schema of DDI Codebook 2.5 refuses.

    python prove.py .../codebook.xsd

Takes the description of every release, which both must accept, breaks copies of two of them in thousands of small
ways, and compares the two verdicts. Needs lxml, and the schema with the files that lie beside it; nothing is fetched.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from lxml import etree

sys.path.insert(0, str(Path(__file__).parent))
from structure import NAMESPACE, RULES, faults

from govdata.describing.ddi import ddi
from govdata.releases import dataset_names, open_release, versions

TRIES = 400  # of each way to break a document
KEPT = 12  # variables of the documents that are broken: few, so that every kind of element is met
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def pick(root: etree._Element, draw: random.Random, *, nested: bool = True) -> etree._Element:
    """Take an element of a drawn name: otherwise nearly all would be labels of categories."""
    every = list(root.iter())[1:] if nested else list(root.iter())
    name = draw.choice(sorted({one.tag for one in every}))
    return draw.choice([one for one in every if one.tag == name])


def delete(root: etree._Element, draw: random.Random) -> None:
    one = pick(root, draw)
    one.getparent().remove(one)


def double(root: etree._Element, draw: random.Random) -> None:
    one = pick(root, draw)
    one.addnext(etree.fromstring(etree.tostring(one)))


def swap(root: etree._Element, draw: random.Random) -> None:
    one = pick(root, draw)
    following = one.getnext()
    if following is not None:
        following.addnext(one)


def move(root: etree._Element, draw: random.Random) -> None:
    one, place = pick(root, draw), pick(root, draw, nested=False)
    if one not in list(place.iterancestors()) and one is not place:
        place.insert(draw.randint(0, len(place)), one)


def rename(root: etree._Element, draw: random.Random) -> None:
    pick(root, draw).tag = f"{{{NAMESPACE}}}{draw.choice([*RULES, 'unheard'])}"


def write(root: etree._Element, draw: random.Random) -> None:
    pick(root, draw, nested=False).text = "text"


def add_attribute(root: etree._Element, draw: random.Random) -> None:
    known = sorted({name for rule in RULES.values() for name in rule.attributes if name != "lang"})
    pick(root, draw, nested=False).set(draw.choice([*known, _LANG, "unheard"]), draw.choice(["Y", "en", "F1", "x y"]))


def change_attribute(root: etree._Element, draw: random.Random) -> None:
    one = pick(root, draw, nested=False)
    if one.attrib:
        one.set(draw.choice(sorted(one.attrib)), draw.choice(["", "V1", "F1 V1", "nowhere", "1x", "Y", "start"]))


def drop_attribute(root: etree._Element, draw: random.Random) -> None:
    one = pick(root, draw, nested=False)
    if one.attrib:
        del one.attrib[draw.choice(sorted(one.attrib))]


WAYS: tuple[Callable[[etree._Element, random.Random], None], ...] = (
    delete,
    double,
    swap,
    move,
    rename,
    write,
    add_attribute,
    change_attribute,
    drop_attribute,
)


def shortened(text: str) -> bytes:
    """Cut a document down to its first variables, and the groups to those."""
    root = etree.fromstring(text.encode())
    variables = root.findall(f".//{{{NAMESPACE}}}var")
    for one in variables[KEPT:]:
        one.getparent().remove(one)
    there = {one.get("ID") for one in variables[:KEPT]}
    for group in root.findall(f".//{{{NAMESPACE}}}varGrp"):
        members = [one for one in group.get("var").split() if one in there]
        if members:
            group.set("var", " ".join(members))
        else:
            group.getparent().remove(group)
    return bytes(etree.tostring(root, encoding="utf-8"))


def main(path: str) -> int:
    schema = etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True)))
    wrong: list[str] = []
    whole = {f"{name} {one}": ddi(open_release(name, one)) for name in dataset_names() for one in versions(name)}
    for name, text in whole.items():
        if not schema.validate(etree.fromstring(text.encode())):
            wrong.append(f"{name}: {schema.error_log[0].message}")
        wrong += [f"{name}: {fault}" for fault in faults(text)]
    seen: Counter[str] = Counter()
    names = [name for name in whole if name.startswith(("countries", "digital_surveillance"))]
    for name in (names[0], names[-1]):
        short = shortened(whole[name])
        for way in WAYS:
            draw = random.Random(f"{name} {way.__name__}")  # noqa: S311 - not for secrets
            for _ in range(TRIES):
                root = etree.fromstring(short)
                way(root, draw)
                broken = etree.tostring(root, encoding="unicode")
                theirs, ours = schema.validate(etree.fromstring(broken.encode())), not faults(broken)
                seen[f"schema {'accepts' if theirs else 'refuses'}, structure {'accepts' if ours else 'refuses'}"] += 1
                if ours and not theirs:
                    wrong.append(f"{name}, {way.__name__}: {schema.error_log[0].message}")
    sys.stdout.write("".join(f"{count:6} {verdict}\n" for verdict, count in sorted(seen.items())))
    sys.stdout.write("".join(f"{line}\n" for line in wrong[:20]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
