#!/usr/bin/env python3
"""Writes domain/src/law/holidays/*.txt: the public holidays, national and regional, of the countries with a rule pack.

Not part of the build: the files are checked in, and this is run by hand when the source knows better, once a year
and whenever a government adds a day. From the root of the repository:

    python3 -m venv /tmp/holidays
    /tmp/holidays/bin/pip install holidays==0.109
    /tmp/holidays/bin/python scripts/holidays/generate.py domain/src/law/holidays

Source: the Python package `holidays` (https://github.com/vacanza/holidays), MIT licence. Its category "public" alone:
no bank, school or half days. Rows of a file, separated by tabs:

    region  CODE  name|name|…        what debtors' addresses call it
    else    CODE                     the region taken for places that name none, or an unknown one
    day     2026-07-10  *  Matariki  for the whole country, for all but CODE,CODE (*-CODE,CODE), or for CODE,CODE
"""

import sys
from datetime import date
from pathlib import Path

import holidays

YEARS = range(2024, 2036)

LANGUAGE = {"AU": "en_AU", "DE": "de", "GB": "en_GB", "NO": "no", "NZ": None}

# British addresses hardly ever name the nation, and most lie in England.
ELSE = {"GB": "ENG"}

# Names that addresses use and the source does not know: English ones, former counties, towns that stand for their
# region where the holiday's district has no other name in an address.
ALSO = {
    "AU": {"ACT": ["Canberra"], "NSW": ["Sydney"], "VIC": ["Melbourne"], "QLD": ["Brisbane"], "SA": ["Adelaide"], "WA": ["Perth"], "TAS": ["Hobart"], "NT": ["Darwin"]},
    "DE": {
        "BY": ["Bavaria"], "HE": ["Hesse"], "MV": ["Mecklenburg-Western Pomerania", "Mecklenburg-West Pomerania"],
        "NI": ["Lower Saxony"], "NW": ["North Rhine-Westphalia", "NRW"], "RP": ["Rhineland-Palatinate", "RLP"],
        "SN": ["Saxony"], "ST": ["Saxony-Anhalt"], "TH": ["Thuringia"], "BW": ["Baden-Wuerttemberg", "BaWü"],
        "HH": ["Freie und Hansestadt Hamburg"], "HB": ["Freie Hansestadt Bremen"],
    },
    "GB": {"ENG": ["England and Wales"], "NIR": ["Belfast", "NI"], "SCT": ["Edinburgh", "Glasgow"], "WLS": ["Cymru", "Cardiff"]},
    "NO": {"11": ["Stavanger"], "46": ["Hordaland", "Sogn og Fjordane", "Bergen"], "34": ["Hedmark", "Oppland"], "50": ["Sør-Trøndelag", "Nord-Trøndelag", "Trondheim"], "42": ["Aust-Agder", "Vest-Agder"]},
    "NZ": {
        "AUK": ["Auckland Region", "North Shore", "Manukau", "Waitakere"], "CAN": ["Christchurch"], "OTA": ["Dunedin", "Queenstown"],
        "STL": ["Invercargill"], "HKB": ["Napier", "Hastings", "Hawkes Bay"], "WGN": ["Lower Hutt", "Upper Hutt", "Porirua"],
        "WKO": ["Hamilton"], "BOP": ["Tauranga", "Rotorua"], "MWT": ["Palmerston North"], "TKI": ["New Plymouth"],
        "NTL": ["Whangārei"], "MBH": ["Blenheim"], "WTC": ["Greymouth"], "South Canterbury": ["Timaru"],
    },
}

# Regions that keep another's anniversary day: New Zealand's provinces of 1876 were larger than today's regions, and
# the source has the day only for the region that kept the name.
ALIKE = {"NZ": {"BOP": "AUK", "GIS": "AUK", "WKO": "AUK", "MWT": "WGN", "TAS": "NSN"}}


def days(country: str, region: str | None) -> dict[date, str]:
    found = holidays.country_holidays(country, subdiv=region, years=YEARS, language=LANGUAGE[country])
    return {day: name.replace("\t", " ") for day, name in found.items() if day.year in YEARS}


def names(source: type, country: str, code: str) -> list[str]:
    aliases = [name for name, of in source.subdivisions_aliases.items() if of == code]
    known = [code, f"{country}-{code}", *aliases, *ALSO[country].get(code, [])]
    return list(dict.fromkeys(known))


def rows(country: str):
    source = type(holidays.country_holidays(country))
    yield f"# Public holidays {YEARS[0]}–{YEARS[-1]}. Made by scripts/holidays/generate.py, not by hand."
    yield f"# Source: Python package holidays {holidays.__version__}, https://github.com/vacanza/holidays, MIT licence."
    for code in source.subdivisions:
        yield f"region\t{code}\t{'|'.join(names(source, country, code))}"
    if country in ELSE:
        yield f"else\t{ELSE[country]}"
    national = days(country, None)
    own = {code: days(country, ALIKE.get(country, {}).get(code, code)) for code in source.subdivisions}
    # What every region keeps is the country's, even where the source has it region by region.
    for day in set.intersection(*(set(of) for of in own.values())):
        national.setdefault(day, next(iter(own.values()))[day])
    regional: dict[tuple[date, str], list[str]] = {}
    for code, of in own.items():
        for day, name in of.items():
            if day not in national:
                regional.setdefault((day, name), []).append(code)
    lines = []
    for day, name in national.items():
        without = [code for code, of in own.items() if day not in of]
        lines.append((day, f"*-{','.join(without)}" if without else "*", name))
    lines += [(day, ",".join(codes), name) for (day, name), codes in regional.items()]
    for day, where, name in sorted(lines):
        yield f"day\t{day.isoformat()}\t{where}\t{name}"


def main() -> None:
    folder = Path(sys.argv[1])
    for country in LANGUAGE:
        (folder / f"{country.lower()}.txt").write_text("\n".join(rows(country)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
