#!/usr/bin/env python3
"""Makes the cases of `chipwright-differential cryptograms` again with PyPI `pyemv` and compares.

    cargo run --release -p chipwright-differential -- cryptograms \
        | python3 -W ignore tools/differential/pyemv_check.py

Reads JSON lines from standard input, prints how many cases and values of each version agree, and
exits with 1 when one does not or when there are none.
"""

import collections
import json
import sys

from pyemv import ac, cvn, cvv, kd, sm

CLASSES = {
    "visa-10": cvn.VisaCVN10,
    "visa-18": cvn.VisaCVN18,
    "visa-22": cvn.VisaCVN22,
    "mastercard-16": cvn.MasterCardCVN16,
    "mastercard-17": cvn.MasterCardCVN17,
    "mastercard-20": cvn.MasterCardCVN20,
    "mastercard-21": cvn.MasterCardCVN21,
    "interac-133": cvn.InteracCVN133,
}

# Beside ATC and cryptogram: what the methods of a version want to know.
TAGS = ["9f02", "9f03", "9f1a", "95", "5f2a", "9a", "9c", "9f37", "82"]


def raw(text):
    return bytes.fromhex(text)


def card_data(version, data):
    """The part of the Issuer Application Data that the cryptogram covers, by argument."""
    if version in ("visa-10", "visa-14"):
        return {"cvr": data[3:7]}
    if version in ("mastercard-16", "mastercard-20"):
        return {"cvr": data[2:8]}
    if version in ("mastercard-17", "mastercard-21"):
        return {"cvr": data[2:8], "counters": data[10:18] if len(data) < 26 else data[10:26]}
    return {"tag_9f10": data}


def by_class(case):
    """The values of a version that pyemv has as a class."""
    version, issuer_keys = case["version"], [raw(key) for key in case["issuer_keys"]]
    card = CLASSES[version](*issuer_keys, case["pan"], case["sequence_number"])
    atc, objects = raw(case["atc"]), case["objects"]
    yield "card keys", [card.icc_mk_ac, card.icc_mk_smi, card.icc_mk_smc], case["card_keys"]

    arguments = {f"tag_{tag}": raw(objects[tag]) for tag in TAGS}
    arguments.update(tag_9f36=atc, **card_data(version, raw(case["issuer_application_data"])))
    cryptogram = card.generate_ac(**arguments)
    yield "cryptogram", cryptogram, case["cryptogram"]

    answer = case["answer"]
    code, update, proprietary = (raw(answer[key]) for key in ("code", "update", "proprietary"))
    if version in ("visa-18", "visa-22"):
        data = card.generate_arpc(cryptogram, atc, update, proprietary) + update + proprietary
    elif version == "interac-133":
        data = card.generate_arpc(cryptogram, raw(objects["9f37"]), atc, code) + code
    elif version in ("mastercard-20", "mastercard-21"):
        data = card.generate_arpc(cryptogram, atc, code) + code
    else:
        data = card.generate_arpc(cryptogram, code) + code
    yield "answer", data, answer["data"]

    header, data, pin = raw(case["header"]), raw(case["data"]), case["pin"]
    transaction = [] if version == "interac-133" else [atc]
    mac = card.generate_command_mac(header, cryptogram, *transaction, data)
    yield "script MAC", mac, case["mac"]
    key = atc if version in ("visa-10", "visa-18") else cryptogram
    yield "script encipherment", card.encrypt_command_data(data, key), case["enciphered"]
    command = card.generate_pin_change_command(pin["new"], cryptogram, *transaction)
    yield "PIN change", command, pin["command"]
    if version.startswith("visa"):
        current = [atc, pin["current"]]
        command = card.generate_pin_change_command(pin["new"], cryptogram, *current)
        yield "PIN change with current PIN", command, pin["command_with_current"]


def by_parts(case):
    """The values of a version that pyemv has the parts of."""
    visa = case["version"] == "visa-14"
    derive = kd.derive_icc_mk_a if visa else kd.derive_icc_mk_b
    issuer_keys = [raw(key) for key in case["issuer_keys"]]
    keys = [derive(key, case["pan"], case["sequence_number"]) for key in issuer_keys]
    yield "card keys", keys, case["card_keys"]
    atc, objects = raw(case["atc"]), case["objects"]
    if visa:
        session_key = kd.derive_emv2000_tree_sk(keys[0], atc)
    else:
        session_key = kd.derive_common_sk(keys[0], atc + bytes(6))
    yield "session key", session_key, case["session_key"]

    data = b"".join(raw(objects[tag]) for tag in TAGS) + atc
    data += b"".join(card_data(case["version"], raw(case["issuer_application_data"])).values())
    padding = ac.PaddingType.VISA if visa else ac.PaddingType.EMV
    cryptogram = ac.generate_ac(session_key, data, padding, 8)
    yield "cryptogram", cryptogram, case["cryptogram"]

    answer = case["answer"]
    code, update, proprietary = (raw(answer[key]) for key in ("code", "update", "proprietary"))
    if visa:
        data = ac.generate_arpc_1(session_key, cryptogram, code) + code
    else:
        data = ac.generate_arpc_2(session_key, cryptogram, update, proprietary)
        data += update + proprietary
    yield "answer", data, answer["data"]

    if visa:
        script_keys = [kd.derive_visa_sm_sk(key, atc) for key in keys[1:]]
        between, encryption = atc + cryptogram, sm.EncryptionType.VISA
    else:
        script_keys = [kd.derive_common_sk(key, cryptogram) for key in keys[1:]]
        between, encryption = b"", sm.EncryptionType.EMV
    header, data = raw(case["header"]), raw(case["data"])
    mac = sm.generate_command_mac(script_keys[0], header + between + data)
    yield "script MAC", mac, case["mac"]
    enciphered = sm.encrypt_command_data(script_keys[1], data, encryption)
    yield "script encipherment", enciphered, case["enciphered"]


def session_keys(case):
    """Session keys of random diversifiers and tree shapes."""
    key = raw(case["master_key"])
    shape = case["height"], case["branches"], raw(case["initial"])
    tree = kd.derive_emv2000_tree_sk(key, raw(case["atc"]), *shape)
    yield "tree", tree, case["tree"]
    yield "common", kd.derive_common_sk(key, raw(case["diversifier"])), case["common"]


def dynamic_code(case):
    """CVC3."""
    arguments = (raw(case[key]) for key in ("key", "template", "atc", "unpredictable_number"))
    yield "CVC3", int(cvv.generate_cvc3(*arguments)), case["code"]


def values(case):
    """Name, value by pyemv and value of the line, for everything that a line holds."""
    version = case["version"]
    if version in CLASSES:
        return by_class(case)
    others = {"session-keys": session_keys, "cvc3": dynamic_code}
    return others.get(version, by_parts)(case)


def text(value):
    """A value as the lines have it."""
    if isinstance(value, list):
        return [text(part) for part in value]
    return value.hex() if isinstance(value, bytes) else value


def main():
    """Compares every line; gives the exit code."""
    cases, compared, wrong = (collections.Counter() for _ in range(3))
    for line in sys.stdin:
        case = json.loads(line)
        version = case["version"]
        cases[version] += 1
        for name, theirs, ours in values(case):
            compared[version, name] += 1
            if text(theirs) != ours:
                wrong[version, name] += 1
                print(f"{version}, {name}: pyemv {text(theirs)}, ours {ours}\n  {line}", end="")
    for version, count in cases.items():
        print(f"{count:>8}  {version}")
        for (_, name), number in ((key, n) for key, n in compared.items() if key[0] == version):
            print(f"{number:>12}  {name}: {wrong[version, name]} differ")
    return 1 if wrong or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
