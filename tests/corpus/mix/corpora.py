"""Rows in many languages made at run time, with the language each is truly in."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

_ZH = (
    "请说明{n}号合同的付款条件。|乙方应在{n}个工作日内付清全部款项。",
    "公司{n}季度的净利润是多少？|本季度净利润为{n}万元，同比增长。",
    "如何登记编号{n}的固定资产？|先录入资产卡片，再计提折旧。",
    "客户{n}投诉发货延迟，怎么回复？|您好，订单已于今日发出，请注意查收。",
    "EBITDA和净利润有什么区别（问题{n}）？|EBITDA未扣除利息、税项、折旧和摊销。",
    "使用 pip install numpy 安装失败，错误码{n}|请先升级 pip，然后重新安装。",
)
_EN = (
    "What are the payment terms of contract {n}?|The buyer pays within {n} working days of delivery.",
    "How high was net profit in quarter {n}?|Net profit was {n} million, more than a year before.",
    "Sort list number {n} in place.|Use the sort method; it returns nothing.",
    "Customer {n} complains about a late delivery.|We are sorry. Your order left our warehouse today.",
    "Is invoice {n} overdue?|Yes, by three days.",
    "Define accrual, item {n}.|An expense that is known but not yet invoiced.",
)
_OTHER = (
    "Wie hoch war der Gewinn im Quartal {n}?|Der Gewinn betrug {n} Millionen Euro.",
    "Quelles sont les conditions de paiement du contrat {n} ?|L'acheteur paie dans les {n} jours.",
    "¿Está vencida la factura {n}?|Sí, desde hace tres días, según nuestro sistema.",
    "第{n}四半期の純利益はいくらですか。|純利益は{n}百万円でした。",
    "{n}번 계약의 지급 조건은 무엇입니까?|구매자는 납품 후 {n}일 이내에 지급합니다.",
    "Какова прибыль за квартал {n}?|Прибыль составила {n} миллионов.",
)
POOLS = {"zh": _ZH, "en": _EN, "other": _OTHER}


@dataclass(frozen=True)
class Made:
    """A row and the language it was written in."""

    truth: str
    line: str


def rows(counts: dict[str, int], seed: int = 1) -> Iterator[Made]:
    """So many rows of each language in a random order, every one different."""
    rng = random.Random(seed)
    labels = [label for label, count in counts.items() for _ in range(count)]
    rng.shuffle(labels)
    for number, label in enumerate(labels):
        question, answer = rng.choice(POOLS[label]).split("|")
        row = {
            "messages": [
                {"role": "user", "content": question.format(n=number)},
                {"role": "assistant", "content": answer.format(n=number)},
            ],
            "truth": label,
            "domain": ("finance", "law", "it")[number % 3],
        }
        yield Made(label, json.dumps(row, ensure_ascii=False) + "\n")


def file_of(counts: dict[str, int], seed: int = 1) -> bytes:
    """The rows as a file."""
    return "".join(made.line for made in rows(counts, seed)).encode()
