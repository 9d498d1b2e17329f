"""Proves an allotment, knowing nothing of how it was made: JSON in, a list of faults out (empty: proven optimal).
Weak duality: every child has the option that is cheapest at the prices, every priced stock is used up, so no allotment
is better. A level outweighs all later ones together: one integer holds them all."""

from collections import Counter
from typing import Any

NAMES = ["without", "fourth or worse", "third", "second", "disappointed again", "transport"]


def faults(problem: dict[str, Any], result: dict[str, Any]) -> list[str]:
    assert result["certificate"] is not None, "there is no certificate"
    metres = {school["id"]: school["metres"] for school in problem["schools"]}
    heavy = 20 * len(problem["children"]) + 1 + sum(max(m.values(), default=0) for m in metres.values())
    heavy *= len(problem["children"]) + 1
    weigh = {name: heavy ** (len(NAMES) - 1 - n) for n, name in enumerate(NAMES)}
    columns = [weigh.get(level["name"], 0) for level in result["levels"]]
    price = {tuple(p["stock"]): sum(map(int.__mul__, p["by_level"], columns)) for p in result["certificate"]}
    there = {i["id"]: (i["depot"], i["kind"], i["size"], i.get("hand", "any")) for i in problem["instruments"]}
    pairs = list(zip(problem["children"], result["allotted"], strict=True))
    kept = {child["keeps"] for child, line in pairs if child.get("keeps") and child["keeps"] == line["instrument"]}
    left = Counter(stock for name, stock in there.items() if name not in kept)
    left.subtract(there[line["instrument"]] for line in result["allotted"] if line["instrument"] not in (None, *kept))
    wrong = [f"{stock}: used {-count} too often" for stock, count in left.items() if count < 0]
    wrong += [f"{s}: priced below nothing, or left over" for s, p in price.items() if p < 0 or p * left[s] > 0]
    at: dict[Any, list[Any]] = {}
    for stock in left:
        at.setdefault((stock[0], stock[1]), []).append((stock, price.get(stock, 0)))
    rank = [0, 0, weigh["second"], weigh["third"], weigh["fourth or worse"], weigh["without"]]
    sore = weigh["disappointed again"]
    cheapest: dict[Any, dict[str, int]] = {}
    for child, line in pairs:
        if child.get("own") or line["instrument"] in kept:
            continue
        unsuitable, hand = child.get("unsuitable", ()), "left" if child.get("left_handed") else "right"
        key = (child["school"], child["fit"], hand, *unsuitable)
        if key not in cheapest:  # per kind the cheapest way to have it here
            cheapest[key] = {
                kind: min(costs)
                for kind, sizes in problem["fits"][child["fit"]].items()
                if kind not in unsuitable
                for costs in [[
                    cost + far for depot, far in metres[child["school"]].items()
                    for stock, cost in at.get((depot, kind), ()) if stock[2] in sizes and stock[3] in ("any", hand)
                ]] if costs
            }  # fmt: skip
            cheapest[key][""] = min(cheapest[key].values(), default=1 << 9999)
        wishes, kinds, again = child.get("wishes", []), cheapest[key], sore * (child.get("last_year", 1) - 1)
        options = {kind: rank[n] + again * (n - 1) for n, kind in enumerate(wishes, 1)} | {"": rank[4] + again * 3}
        if lock := child.get("lock"):
            options = {lock: options.get(lock, options[""])}
        best = min([rank[5] + again * 4] + [kinds[k] + cost for k, cost in options.items() if k in kinds])
        if line["kind"] is None:
            now = rank[5] + again * 4
        else:
            stock, n = there[line["instrument"]], wishes.index(line["kind"]) + 1 if line["kind"] in wishes else 4
            now = rank[n] + again * (n - 1) + price.get(stock, 0) + metres[child["school"]][stock[0]]
        if now != best:
            wrong.append(f"{child['id']}: this is not the best option")
    return wrong
