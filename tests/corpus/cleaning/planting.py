"""Clean rows and rows with one planted defect each, zh and en, from a seed. It imports nothing of the cleaning it is for."""

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faker import Faker

SAMPLES = Path(__file__).parents[3] / "samples"

FOREIGN = {
    "fr": "Le musée ouvre ses portes à neuf heures du matin et ferme à dix-huit heures. Nous avons passé nos vacances au bord de la mer avec toute la famille. La réunion a été reportée à la semaine prochaine pour des raisons d'organisation. Il faut ajouter un peu de sel avant de servir la soupe. Les élèves préparent leur examen depuis plusieurs mois.",
    "de": "Der Zug nach München fährt heute wegen einer Störung zwanzig Minuten später ab. Wir haben die Rechnung bereits letzte Woche bezahlt und warten auf eine Antwort. Im Herbst färben sich die Blätter der Bäume gelb und rot. Bitte schicken Sie uns die Unterlagen bis zum Ende des Monats. Die Kinder spielen im Garten hinter dem alten Haus.",
    "es": "El tren sale de la estación a las ocho y llega al mediodía a la costa. Necesitamos revisar el contrato antes de firmarlo la próxima semana. Mi abuela prepara la mejor tortilla de patatas del barrio. Los estudiantes entregaron sus trabajos con dos días de retraso. Mañana lloverá en gran parte del norte del país.",
    "it": "La riunione di domani è stata spostata alle tre del pomeriggio. Abbiamo visitato una piccola città sulla collina con un castello molto antico. Aggiungete l'olio e mescolate lentamente fino a ottenere una crema. Il treno per Bologna parte dal binario sette.",
    "pt": "A reunião foi adiada para a próxima semana por falta de tempo. Precisamos enviar os documentos até o final do mês para evitar a multa. No verão passamos sempre alguns dias na praia com os amigos. O relatório anual mostra um aumento das vendas em todas as regiões.",
    "ru": "Поезд отправляется с первого пути через десять минут. Мы уже отправили документы и ждём ответа от банка. Осенью в парке очень красиво, листья становятся жёлтыми и красными. Добавьте немного соли и варите суп ещё пятнадцать минут.",
    "ja": "会議は来週の月曜日に変更されましたので、ご確認をお願いいたします。この店のラーメンはとても美味しくて、いつも行列ができています。昨日は雨が降っていたので、家で本を読んでいました。書類は今月末までに提出してください。",
    "ko": "회의는 다음 주 월요일 오후 두 시로 변경되었습니다. 이 식당의 김치찌개는 정말 맛있어서 항상 사람이 많습니다. 어제는 비가 와서 집에서 책을 읽었습니다. 이번 달 말까지 서류를 제출해 주시기 바랍니다.",
    "vi": "Cuộc họp đã được chuyển sang chiều thứ hai tuần sau. Chúng tôi đã gửi hồ sơ và đang chờ câu trả lời của ngân hàng. Mùa thu ở Hà Nội rất đẹp với những hàng cây lá vàng. Xin vui lòng gửi lại hợp đồng trước cuối tháng.",
    "ar": "تم تأجيل الاجتماع إلى الأسبوع المقبل لأسباب تنظيمية. لقد أرسلنا المستندات وننتظر الرد من البنك. في الخريف تتغير ألوان أوراق الأشجار في الحديقة. يرجى تقديم التقرير قبل نهاية الشهر.",
}
ZH = """春天来了，公园里的樱花开得正盛，许多人带着相机去拍照。|这家面馆的汤头熬了六个小时，味道浓郁却不油腻。|周末我们打算去郊外爬山，顺便看看新修的水库。|学校图书馆新增了三百本科普读物，学生们借阅得很踊跃。
地铁四号线延长以后，从城南到机场只需要四十分钟。|做饭之前先把米泡半个小时，煮出来会更香软。|这台打印机卡纸的时候，打开后盖把纸慢慢抽出来就可以了。|公司决定把年度总结会议安排在下个月的第二个星期三。
孩子发烧时要多喝水，体温超过三十八度五再考虑用退烧药。|投资之前应当先弄清楚自己能承受多大的亏损。|这本小说写的是一个小镇上三代人的悲欢离合。|水在标准大气压下加热到一百摄氏度就会沸腾。
长江是亚洲最长的河流，流经十一个省级行政区。|李白和杜甫是唐代最有名的两位诗人。|合同签字以后，双方都要各保留一份原件。|如果发票抬头写错了，需要联系开票方重新开具。
冬天开车要留出更长的刹车距离，尤其是在桥面上。|太阳能电池板的效率会随着温度升高而略有下降。|他每天早上跑五公里，已经坚持了三年。|这款软件支持离线使用，联网以后会自动同步数据。
请把会议纪要整理好，明天中午之前发给所有参加的人。|医生建议她少吃盐，多吃新鲜的蔬菜和水果。|银行会根据客户的信用记录决定贷款利率。|古城墙在修缮之后重新对游客开放，门票半价。
机器学习模型的好坏，很大程度上取决于训练数据的质量。|种番茄要选向阳的地方，每天至少保证六小时光照。|牛顿在一六八七年出版了《自然哲学的数学原理》。|这条路正在施工，建议您从环城西路绕行。
面试的时候要准时，回答问题尽量具体，多举例子。|旧手机可以送到社区的回收点，不要随手扔进垃圾桶。|月球绕地球一周大约需要二十七天。|这道题可以先求出两个未知数的和，再求它们的差。
博物馆每周一闭馆，其余时间免费参观，需要提前预约。|雨后的空气格外清新，远处的山也看得清楚了。|把牛奶倒进锅里小火加热，边煮边搅拌，防止粘底。|操作系统升级之前，最好先备份重要的文件。
高铁票可以提前十五天购买，节假日期间要尽早预订。|他妈妈的手艺很好，做的红烧肉肥而不腻。|猫喜欢在高处休息，因为那里让它们觉得安全。|这家工厂今年的出口额比去年增长了百分之十二。
写作文要先列提纲，想清楚每一段要表达什么。|桂林的山水闻名天下，漓江两岸尤其秀丽。|电脑运行缓慢时，可以先关闭不用的程序再观察。|血压应当在安静休息五分钟以后再测量。
研究人员在实验中发现，睡眠不足会影响记忆力。|老师把全班分成六个小组，每组讨论一个问题。|咖啡豆磨得越细，萃取的时间就应当越短。|仓库里的货物按照生产日期先后摆放，先进先出。
这座桥全长一千二百米，连接了河的两岸。|报销时请附上原始票据，并注明用途和日期。|夏天的傍晚，院子里常常有萤火虫飞舞。|学习外语最重要的是每天坚持听和说。
地震来临时不要乘坐电梯，应当躲在坚固的家具旁边。|这种药饭后服用，每日三次，每次一片。|新员工入职第一周主要是熟悉流程和认识同事。|茶叶要密封存放在阴凉干燥的地方，避免受潮。
城市规划需要兼顾交通、住房和环境。|飞机起飞前请将座椅靠背调直，收起小桌板。|数据库的索引能够加快查询，但会占用额外的空间。|画家用大片的蓝色表现了清晨湖面的宁静。
比赛进行到第七十分钟，主队终于打进了扳平的一球。|退货申请提交以后，一般三个工作日内会有答复。|海水变暖使得许多珊瑚失去了颜色。|剪视频的时候先粗剪一遍，再调整每个镜头的节奏。
祖父留下的那块手表走得依然很准。|中药材在煎煮之前通常要用冷水浸泡。|图表的标题应当说明数据的来源和单位。|下雪以后，村里的孩子们在打谷场上堆雪人。
手机电量低于百分之二十时会自动进入省电模式。|这项政策主要面向毕业不超过两年的大学生。|蜜蜂通过舞蹈告诉同伴花蜜的方向和距离。|租房时要看清楚合同里关于押金退还的条款。"""
ZH_ASK = [
    "请问{}是怎么回事？",
    "能不能用两三句话介绍一下{}？",
    "关于{}，您有什么建议？",
    "我想了解{}，请说得详细一点。",
    "写一段关于{}的短文。",
    "{}需要注意哪些方面？",
    "怎样向初学者讲清楚{}？",
    "请把与{}有关的要点列出来。",
]
ZH_TOPICS = [
    "春游",
    "煮面",
    "地铁线路",
    "打印机维修",
    "会议安排",
    "儿童发烧",
    "家庭理财",
    "乡土小说",
    "水的沸点",
    "长江流域",
    "唐代诗歌",
    "合同签署",
    "发票开具",
    "冬季驾驶",
    "太阳能发电",
    "晨跑习惯",
    "离线软件",
    "饮食健康",
    "贷款利率",
    "古城墙修缮",
    "训练数据",
    "种植番茄",
    "经典力学",
    "道路施工",
    "求职面试",
    "旧物回收",
    "月球运动",
    "方程应用题",
    "博物馆参观",
    "山间天气",
    "热牛奶",
    "系统备份",
    "高铁购票",
    "红烧肉",
    "猫的习性",
    "出口贸易",
    "作文提纲",
    "漓江风光",
    "电脑变慢",
    "测量血压",
    "睡眠研究",
    "小组讨论",
    "手冲咖啡",
    "仓库管理",
    "桥梁建设",
    "差旅报销",
    "夏夜萤火",
    "外语学习",
    "地震避险",
    "用药说明",
    "新人入职",
    "茶叶保存",
    "城市规划",
    "乘机安全",
    "数据库索引",
    "风景绘画",
    "足球比赛",
    "退货流程",
    "珊瑚白化",
    "视频剪辑",
    "机械手表",
    "煎煮中药",
    "图表制作",
    "堆雪人",
    "省电模式",
    "就业政策",
    "蜜蜂舞蹈",
    "租房合同",
]
EN_ASK = [
    "What should I know about {}?",
    "Could you explain {} in a few sentences?",
    "Write a short paragraph on {}.",
    "I am curious about {}. Where do I start?",
    "Give me three facts about {}, please.",
    "How would you describe {} to a beginner?",
    "Summarise what matters most about {}.",
]
EN_TOPICS = [
    "tidal marshes",
    "chestnut fairs",
    "glaciers",
    "train travel",
    "rainbows",
    "double-entry bookkeeping",
    "home brewing",
    "winter tyres",
    "rooftop gardens",
    "lighthouse keepers",
    "bread baking",
    "public libraries",
    "solar eclipses",
    "chess openings",
    "bicycle repair",
    "wool weaving",
    "river ferries",
    "mountain huts",
    "old maps",
    "city trams",
    "honey bees",
    "paper making",
    "night markets",
    "desert plants",
    "volcanic soil",
    "canal locks",
    "jazz trumpets",
    "radio waves",
    "stained glass",
    "compost heaps",
    "wind turbines",
    "sourdough starters",
    "harbour seals",
    "slate roofs",
    "pottery kilns",
    "film cameras",
    "orchard pruning",
    "snow shelters",
    "street chess",
    "tea gardens",
]
#: Rows that look as if something were wrong with them, and nothing is.
TRAPS = [
    (
        "How do I make text bold in HTML?",
        "Wrap it in <strong> tags: <strong>important</strong>. The <b> tag works as well.",
    ),
    (
        "What does `a < b && c > d` do in C?",
        "It is true when a is smaller than b and c is larger than d; both comparisons must hold.",
    ),
    (
        "Who was Isaac Newton?",
        "Isaac Newton was an English mathematician who described gravity and the laws of motion.",
    ),
    (
        "介绍一下鲁迅。",
        "鲁迅原名周树人，是中国现代文学的奠基人之一，代表作有《狂人日记》和《阿Q正传》。",
    ),
    (
        "Which version should I install?",
        "Install version 3.11.4 or later; release 2.7.18 is no longer supported by the maintainers.",
    ),
    (
        "How do I kill a process on Linux?",
        "Find its number with ps, then run kill followed by that number; kill -9 ends it at once.",
    ),
    (
        "What is in a cocktail called a Manhattan?",
        "Whiskey, sweet vermouth and a dash of bitters, stirred with ice and served in a chilled glass.",
    ),
    (
        "Please assess the passage about Scunthorpe.",
        "The passage describes the town and its steel industry, and it assesses the changes since 1980.",
    ),
    (
        "Write a Python loop.",
        "```python\nfor i in range(3):\n    print('<p>', i, '</p>')\n```\nThis prints each number between tags.",
    ),
    (
        "圆周率的前几位是多少？",
        "圆周率的前十五位是3.14159265358979，通常计算时取3.14就够用了。",
    ),
    (
        "My order number is 4829 1127 5530, where is it?",
        "Thank you for waiting. Orders are shipped within two working days after payment.",
    ),
    (
        "公司的项目经理需要哪些能力？",
        "项目经理要会计划、沟通和控制风险，高级经理还要懂得带团队。",
    ),
    (
        "Translate 'good morning' into French.",
        "In French you say bonjour in the morning, and it works for most of the day as well.",
    ),
    ("What is 17 * 23?", "17 * 23 = 391, because 17 * 20 = 340 and 17 * 3 = 51."),
    ("今天天气怎么样😀？", "今天多云转晴，最高气温二十六度，适合出门散步👍。"),
    ("Is 2001:db8 an address prefix?", "Yes, that prefix is set aside for documentation and examples."),
    ("操作步骤是什么？", "先打开设备的电源，再按下启动键，等待绿灯亮起以后放入材料。"),
    (
        "How many people live in Paris, Texas?",
        "About twenty-five thousand people live in Paris, a town in the north-east of Texas.",
    ),
    (
        "Explain & in shell scripts.",
        "An & at the end of a command runs it in the background, while && runs the next one on success.",
    ),
    ("人工智能的英文缩写是什么？", "人工智能的英文是 artificial intelligence，缩写为 AI。"),
]


@dataclass
class Planted:
    """Rows as a file has them, and which of them (by place) has which defect; all others are clean."""

    rows: list[dict[str, Any]]
    #: Place -> kind.
    kinds: dict[int, str]
    #: Place -> texts that must be gone, or that must be there again, afterwards.
    gone: dict[int, list[str]] = field(default_factory=dict)
    #: Place -> the row as it was before its characters were broken.
    unbroken: dict[int, dict[str, Any]] = field(default_factory=dict)
    #: A file of evaluation rows, some of which were planted.
    evaluation: bytes = b""

    @property
    def data(self) -> bytes:
        """The rows as a file of the house."""
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows).encode()

    def places(self, kind: str) -> set[int]:
        """Where a kind was planted."""
        return {place for place, one in self.kinds.items() if one == kind}


def chat(ask: str, answer: str) -> dict[str, Any]:
    """A chat row."""
    return {"messages": [{"role": "user", "content": ask}, {"role": "assistant", "content": answer}]}


class Planter:
    """Makes rows from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.fakers = {lang: Faker(lang) for lang in ("zh_CN", "en_US", "en_GB", "de_DE")}
        for number, fake in enumerate(self.fakers.values()):
            fake.seed_instance(seed + number)
        text = (SAMPLES / "general.txt").read_text("utf-8")
        self.english = [s.strip() for s in re.split(r"(?<=[.!?])\s+", text) if 30 < len(s.strip()) < 220]
        self.chinese = [s.strip() for line in ZH.splitlines() for s in line.split("|") if s.strip()]
        chats = (SAMPLES / "finance_chat.jsonl").read_text("utf-8").splitlines()
        self.finance = [json.loads(line) for line in chats]

    def clean(self, lang: str) -> tuple[str, str]:
        """A question and an answer with nothing wrong."""
        if lang == "zh":
            ask = self.random.choice(ZH_ASK).format(self.random.choice(ZH_TOPICS))
            return ask, "".join(self.random.sample(self.chinese, self.random.randint(2, 4)))
        ask = self.random.choice(EN_ASK).format(self.random.choice(EN_TOPICS))
        return ask, " ".join(self.random.sample(self.english, self.random.randint(2, 4)))

    def evaluation(self, n: int) -> list[dict[str, Any]]:
        """Rows to measure with: short and long questions, none of which a clean row asks."""
        rows = []
        for i in range(n):
            k = self.random.randint(100, 9999)
            if i % 2:
                topic = self.random.choice(ZH_TOPICS)
                some = f"{k}年的账册上记着{k % 97}箱{topic}用的木料和{k % 31}桶桐油，押运的人直到入冬才回来。"
                ask = self.random.choice(
                    [
                        f"{topic}第{k}条守则怎么写？",
                        f"阅读以下材料并回答第{k}题：{some}",
                        f"按{k}号标准评价{topic}。",
                    ]
                )
            else:
                topic = self.random.choice(EN_TOPICS)
                some = f"The ledger of {k} lists {k % 97} crates and {k % 31} barrels bought for {topic} before the frost came."
                ask = self.random.choice(
                    [
                        f"Quote rule {k} on {topic}.",
                        f"Read this passage and answer item {k}: {some}",
                        f"Grade the essay about {topic} by scale {k}.",
                    ]
                )
            rows.append(chat(ask, self.clean("zh" if i % 2 else "en")[1]))
        return rows

    def plant(self, kinds: dict[str, int], n_clean: int) -> Planted:
        """Clean rows, traps and planted ones in a random order."""
        made: list[tuple[str, dict[str, Any], dict[str, Any] | None, list[str]]] = []
        traps = [chat(*trap) for trap in TRAPS]
        clean = [chat(*self.clean(lang)) for lang in ("zh", "en") for _ in range(n_clean // 2)]
        finance = [{"messages": row["messages"]} for row in self.finance]
        clean += [*traps, *finance]
        made += [("", row, None, []) for row in clean]
        copied = self.random.sample(
            range(n_clean), kinds.get("exact_duplicate", 0) + kinds.get("near_duplicate", 0)
        )
        for kind, n in kinds.items():
            for i in range(n):
                lang = "zh" if i % 2 else "en"
                if kind in ("exact_duplicate", "near_duplicate"):
                    row = clean[copied.pop()]
                    made.append((kind, row if kind == "exact_duplicate" else self._nearly(row), row, []))
                    continue
                before = chat(*self.clean(lang))
                row, gone = getattr(self, f"plant_{kind}")(before, lang)
                made.append((kind, row, before, gone))
        self.random.shuffle(made)
        planted = Planted([], {})
        for place, (kind, row, before, gone) in enumerate(made):
            planted.rows.append(row)
            if kind:
                planted.kinds[place] = kind
                planted.gone[place] = gone
                planted.unbroken[place] = before or row
        return planted

    def contaminate(self, planted: Planted, evaluation: list[dict[str, Any]], n: int) -> Planted:
        """Put n of the evaluation rows among the others: as they are, or with small edits, other case, width or spacing."""
        for row in self.random.sample(evaluation, n):
            place = self.random.randint(0, len(planted.rows))
            for name in ("kinds", "gone", "unbroken"):
                moved = {at + (at >= place): value for at, value in getattr(planted, name).items()}
                setattr(planted, name, moved)
            planted.rows.insert(
                place, chat(self.disguised(row["messages"][0]["content"]), row["messages"][1]["content"])
            )
            planted.kinds[place] = "contamination"
        planted.evaluation = "".join(
            json.dumps(row, ensure_ascii=False) + "\n" for row in evaluation
        ).encode()
        return planted

    def disguised(self, text: str) -> str:
        """The text as it is, or so little changed that it asks the same."""
        wide = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
        # Another number would be another question.
        letters = [i for i in range(1, len(text) - 1) if not re.search(r"\d", text[i - 1 : i + 2])]
        i = self.random.choice(letters)
        return [
            text,
            text.upper(),
            text.lower() + " ",
            "".join(wide.get(char, char) if self.random.random() < 0.5 else char for char in text),
            "  ".join(text.split(" ")) if " " in text else " ".join(text),
            text[:i] + text[i + 1 :],
            text[:i] + self.random.choice("e的") + text[i:],
            text.rstrip("?？。.") + "!",
        ][self.random.randrange(8)]

    def _somewhere(self, row: dict[str, Any], rewrite: Callable[[str], str]) -> dict[str, Any]:
        """The row with its question or, mostly, its answer rewritten."""
        texts = [message["content"] for message in row["messages"]]
        at = 1 if self.random.random() < 0.8 else 0
        texts[at] = rewrite(texts[at])
        return chat(*texts)

    def _sentence(self, text: str, rewrite: Callable[[str], str]) -> str:
        """The text with one sentence rewritten."""
        parts = re.split(r"(?<=[。！？])|(?<=[.!?]) ", text)
        parts = [part for part in parts if part]
        at = self.random.randrange(len(parts))
        parts[at] = rewrite(parts[at])
        return ("" if any("\u4e00" <= c <= "\u9fff" for c in text) else " ").join(parts)

    def plant_mojibake(self, row: dict[str, Any], lang: str) -> tuple[dict[str, Any], list[str]]:
        """UTF-8 read as Windows-1252, as Latin-1 or as GBK; GBK read as Latin-1. Whole texts or one sentence."""

        def broken(text: str) -> str:
            if lang == "en":
                return text.encode().decode("latin-1" if self.random.random() < 0.3 else "cp1252", "replace")
            way = self.random.choice(["cp1252", "latin-1", "gbk", "gbk-as-latin"])
            if way == "gbk-as-latin":
                return text.encode("gbk", "ignore").decode("latin-1")
            if way == "gbk":
                return text.encode().decode("gbk", "replace")
            return text.encode().decode(way, "replace")

        if lang == "en":
            # Only what is not ASCII breaks.
            for message in row["messages"]:
                said = self.random.choice(["… ", " – naïve café.", "’s “own” way."])
                message["content"] = re.sub(r"[.?]", said, message["content"])
        whole = self.random.random() < 0.5
        rewrite = broken if whole else lambda text: self._sentence(text, broken)
        made = self._somewhere(row, rewrite)
        return (made, []) if made != row else self.plant_mojibake(chat(*self.clean(lang)), lang)

    def plant_markup(self, row: dict[str, Any], lang: str) -> tuple[dict[str, Any], list[str]]:
        """Tags of a page, entities, a script, or a line that pages carry."""
        boiler = {
            "en": ["Subscribe to our newsletter", "We use cookies to improve your experience on our site.", "© 2019 Acme Media. All rights reserved.",
                   "Share this article on Facebook", "Click here to read more »", "Home | About | Contact | Privacy Policy", "Skip to main content",
                   "Follow us on Twitter and Instagram", "Sign up for our weekly newsletter today!", "Powered by WordPress"],
            "zh": ["版权所有 未经许可不得转载", "责任编辑：小王", "点击查看更多精彩内容", "扫描二维码关注我们", "上一篇：秋日游记", "首页 | 关于我们 | 联系我们 | 隐私政策",
                   "关注公众号获取更多资讯", "分享到：微信 微博 QQ空间", "京ICP备12345678号-1", "本文转载自网络，转载请注明出处"],
        }[lang]  # fmt: skip

        def dirty(text: str) -> str:
            match self.random.randrange(8):
                case 0:
                    return f"<p>{text}</p>"
                case 1:
                    return text.replace(" ", "&nbsp;", 3) if lang == "en" else f"&ldquo;{text}&rdquo;&nbsp;"
                case 2:
                    return f'<div class="content" id="main">{text}<br/></div>'
                case 3:
                    return f"{text}<script>window.ga('send');</script>"
                case 4:
                    cut = len(text) // 2
                    return f'{text[:cut]}<a href="https://example.com/x?y=1">{text[cut:]}</a>'
                case 5:
                    return f"<ul><li>{text}</li><li>{self.random.choice(boiler)}</li></ul>"
                case 6:
                    return f"{text}\n{self.random.choice(boiler)}"
                case _:
                    return f"{self.random.choice(boiler)}\n\n{text}"

        return self._somewhere(row, dirty), []

    def plant_language(self, row: dict[str, Any], lang: str) -> tuple[dict[str, Any], list[str]]:
        """A row in a language nobody asked for."""
        sentences = re.split(r"(?<=[.。]) ?", FOREIGN[self.random.choice(sorted(FOREIGN))].strip())
        some = self.random.sample([s for s in sentences if s], 3)
        return chat(some[0], " ".join(some[1:])), []

    def plant_quality(self, row: dict[str, Any], lang: str) -> tuple[dict[str, Any], list[str]]:
        """Repetition, symbols, gibberish, an unfilled template or an empty answer."""
        ask, answer = (message["content"] for message in row["messages"])
        letters = "abcdefghijklmnopqrstuvwxyz"
        match self.random.randrange(7):
            case 0:
                bad = self._sentence(answer, lambda s: s) + self.random.choice(
                    "啊哈!a？ha"
                ) * self.random.randint(15, 60)
            case 1:
                piece = answer[: self.random.randint(8, 25)] + (" " if lang == "en" else "，")
                bad = piece * self.random.randint(6, 15)
            case 2:
                bad = (
                    "".join(self.random.choices("@#$%^&*()_+={}[]|\\<>~`/!?", k=self.random.randint(40, 90)))
                    + answer[:10]
                )
            case 3:
                words = [
                    "".join(self.random.choices(letters, k=self.random.randint(4, 11))) for _ in range(14)
                ]
                bad = " ".join(words)
            case 4:
                bad = self.random.choice(["Lorem ipsum dolor sit amet, consectetur adipiscing elit.", f"{answer[:30]} {{{{ customer_name }}}}",
                                          f"{answer[:20]}【此处填写内容】", "undefined undefined undefined", "[insert answer here] " + answer[:20]])  # fmt: skip
            case 5:
                bad = self.random.choice(["N/A", "null", "TODO", "...", "暂无", "n/a.", "asdfgh", "???"])
            case _:
                line = answer[:30]
                bad = "\n".join([line] * self.random.randint(5, 9))
        return chat(ask, bad), []

    def plant_toxicity(self, row: dict[str, Any], lang: str) -> tuple[dict[str, Any], list[str]]:
        """An insult, a threat or an obscenity in a sentence."""
        said = {
            "en": ["You are a fucking idiot", "what a bitch", "This is bullshit", "go to hell", "you stupid piece of shit", "Shut the hell up", "kill yourself",
                   "he is such an asshole", "WHAT THE FUCK", "that bastard again", "you f*cking moron, fuck off", "I will kill you", "dumbass", "Sh1t happens, f@ck it",
                   "those whores", "you retarded", "stfu", "son of a bitch", "what a dickhead", "motherfucker"],
            "zh": ["你这个傻逼", "去死吧", "他妈的", "滚蛋", "你就是个脑残", "操你妈", "真是个贱人", "混蛋东西", "王八蛋", "你个人渣", "煞笔玩意", "狗日的", "臭婊子",
                   "全家死光", "你這個傻逼", "畜生不如", "蠢货一个", "妈的烦死了", "我要弄死你", "草泥马"],
        }[lang]  # fmt: skip
        word = self.random.choice(said)
        join = "，" if lang == "zh" else ", "

        def spoil(text: str) -> str:
            return (
                word + join + text
                if self.random.random() < 0.5
                else text.rstrip(".。") + join + word + ("。" if lang == "zh" else ".")
            )

        return self._somewhere(row, spoil), []

    def plant_length(self, row: dict[str, Any], lang: str) -> tuple[dict[str, Any], list[str]]:
        """An answer of one character, or a row of some ten thousand words."""
        ask = row["messages"][0]["content"]
        if self.random.random() < 0.5:
            return chat(ask, self.random.choice(["a", "K", "嗯", "是", "1", "好"])), []
        pool = self.chinese if lang == "zh" else self.english
        long = []
        while sum(map(len, long)) < self.random.randint(21_000, 30_000):
            long += [f"{len(long)}{s}" for s in self.random.sample(pool, 10)]
        return chat(ask, ("" if lang == "zh" else " ").join(long)), []

    def plant_personal(self, row: dict[str, Any], lang: str) -> tuple[dict[str, Any], list[str]]:
        """A name, number or address of a person that never was."""
        fake = self.fakers["zh_CN" if lang == "zh" else self.random.choice(["en_US", "en_GB"])]
        us = self.fakers["en_US"]
        kind = self.random.choice(["name", "phone", "mail", "id", "card", "iban", "ip", "address"])
        if lang == "zh":
            value = {
                "name": fake.name, "phone": lambda: self._written(fake.phone_number()), "mail": fake.ascii_email, "id": fake.ssn,
                "card": lambda: self._grouped(us.credit_card_number(self.random.choice(["visa16", "mastercard"]))), "iban": self.fakers["de_DE"].iban,
                "ip": fake.ipv4_public, "address": lambda: fake.address().rsplit(" ", 1)[0] + f"{self.random.randint(1, 300)}号",
            }[kind]()  # fmt: skip
            frame = {
                "name": ["我叫{}，想咨询一下。", "联系人：{}", "{}先生您好，您的申请已收到。", "收件人是{}。", "姓名：{}，性别：女", "请联系客户{}。", "我是{}，昨天来过电话。", "尊敬的{}女士："],
                "phone": ["请打{}联系我。", "手机号：{}", "我的电话是{}，随时可以打。", "有事拨打{}。", "微信同号{}"],
                "mail": ["发到{}就行。", "邮箱：{}", "请把材料寄到{}谢谢"],
                "id": ["身份证号：{}", "我的身份证是{}，麻烦查一下。", "证件号码{}"],
                "card": ["卡号{}，请核对。", "信用卡号：{}", "我用{}这张卡付的款"],
                "iban": ["账户{}已经收到款项。", "IBAN：{}"],
                "ip": ["登录地址是{}。", "服务器IP：{}", "来自{}的访问被拒绝"],
                "address": ["我住在{}。", "地址：{}", "请寄到{}，谢谢。", "送货到{}"],
            }[kind]  # fmt: skip
        else:
            value = {
                "name": lambda: f"{us.first_name()} {us.last_name()}", "phone": lambda: self._english_phone(), "mail": fake.email, "id": us.ssn,
                "card": lambda: self._grouped(us.credit_card_number()), "iban": fake.iban, "ip": lambda: fake.ipv4_public() if self.random.random() < 0.7 else fake.ipv6(),
                "address": lambda: us.street_address() if self.random.random() < 0.5 else us.address().replace("\n", ", "),
            }[kind]()  # fmt: skip
            frame = {
                "name": ["My name is {}.", "Dear {}, thank you for your message.", "Contact person: {}", "Best regards, {}", "I'm {} from the second floor.",
                         "Please ask for {} at the desk.", "The patient {} was admitted today.", "Customer name: {}", "Hi {}, your parcel is here.", "Mr. {} called."],
                "phone": ["Call me at {}.", "Phone: {}", "You can reach me on {} after six.", "My number is {}, thanks."],
                "mail": ["Write to {}.", "E-mail: {}", "I sent it to {} yesterday."],
                "id": ["My SSN is {}.", "Social security number: {}"],
                "card": ["Charge it to {} please.", "Card number: {}", "I paid with {} last week."],
                "iban": ["Transfer it to {}.", "IBAN: {}"],
                "ip": ["The request came from {}.", "IP address: {}", "Blocked {} at the firewall"],
                "address": ["I live at {}.", "Ship it to {}.", "Address: {}"],
            }[kind]  # fmt: skip
        said = self.random.choice(frame).format(value)
        join = "" if lang == "zh" else " "
        spoil = (
            (lambda text: said + join + text)
            if self.random.random() < 0.5
            else (lambda text: text + join + said)
        )
        return self._somewhere(row, spoil), [value]

    def _written(self, phone: str) -> str:
        """A Chinese number as people write it."""
        way = self.random.randrange(5)
        if way == 0:
            return f"+86 {phone}"
        if way == 1:
            return f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"
        if way == 2:
            return f"{phone[:3]} {phone[3:7]} {phone[7:]}"
        if way == 3:
            return f"0{self.random.choice(['10', '21', '755', '571'])}-{self.random.randint(2, 8)}{self.random.randint(1000000, 9999999)}"
        return phone

    def _english_phone(self) -> str:
        area, office, line = (
            self.random.randint(201, 989),
            self.random.randint(200, 999),
            self.random.randint(0, 9999),
        )
        while area % 100 == 11 or area not in (201, 202, 206, 212, 213, 215, 216, 303, 305, 310, 312, 404, 415, 503, 512, 602, 617, 650, 702, 713, 718, 773, 818, 858, 917, 972):  # fmt: skip
            area = self.random.randint(201, 989)
        if office % 100 == 11:
            office += 1
        return self.random.choice(
            ["({}) {}-{:04d}", "{}-{}-{:04d}", "+1 {} {} {:04d}", "+1-{}-{}-{:04d}", "{}.{}.{:04d}"]
        ).format(area, office, line)

    def _grouped(self, card: str) -> str:
        """A card's number as people write it."""
        sign = self.random.choice(["", " ", "-"])
        return sign.join(card[i : i + 4] for i in range(0, len(card), 4)) if len(card) == 16 else card

    def plant_spelling(self, row: dict[str, Any], lang: str) -> tuple[dict[str, Any], list[str]]:
        """English: a slip of the fingers, or a usual mistake. Chinese: one of the usual wrong characters."""
        ask, answer = (message["content"] for message in row["messages"])
        if lang == "zh":
            wrong = self.random.choice(ZH_MISTAKES)
            return chat(ask, wrong + answer), [wrong]
        if self.random.random() < 0.4:
            wrong, _ = self.random.choice(EN_MISTAKES)
            return chat(
                ask,
                f"It was {wrong} a good plan. " + answer
                if wrong.endswith("ly")
                else f"They mention the {wrong} first. " + answer,
            ), [wrong]
        words = re.findall(r"(?<![\w'])[a-z]{6,}(?![\w'])", answer)
        if not words:
            return self.plant_spelling(chat(*self.clean(lang)), lang)
        word = self.random.choice(words)
        slip = self._slip(word)
        return chat(ask, re.sub(rf"\b{word}\b", slip, answer, count=1)), [slip]

    def _slip(self, word: str) -> str:
        i = self.random.randint(1, len(word) - 3)
        match self.random.randrange(4):
            case 0:
                made = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
            case 1:
                made = word[:i] + word[i + 1 :]
            case 2:
                made = word[:i] + word[i] + word[i:]
            case _:
                made = word[:i] + self.random.choice("aeioursntl") + word[i + 1 :]
        return made if made != word else self._slip(word)

    def _nearly(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row with a word or two of its answer, a mark or the case changed: what copies look like."""
        ask, answer = (message["content"] for message in row["messages"])
        is_zh = any("\u4e00" <= char <= "\u9fff" for char in answer)
        for _ in range(self.random.randint(1, 2)):
            match self.random.randrange(4):
                case 0:
                    i = self.random.randrange(len(answer))
                    answer = answer[:i] + self.random.choice("的了一a" if is_zh else "aeis") + answer[i:]
                case 1:
                    i = self.random.randrange(len(answer) - 2)
                    answer = answer[:i] + answer[i + 1 :]
                case 2:
                    answer = answer + ("谢谢。" if is_zh else " Thanks.")
                case _:
                    answer = (
                        answer.replace("，", ",", 2)
                        if is_zh
                        else answer.upper()
                        if self.random.random() < 0.3
                        else answer.replace(",", "", 1) + "!"
                    )
        made = chat(ask, answer)
        return made if made != row else self._nearly(row)


ZH_MISTAKES = [
    "他以经回家了。",
    "我因该早点出发。",
    "做为一名教师，她很负责。",
    "既使下雨也要去。",
    "大家都迫不急待地想看。",
    "比赛前他一股作气跑完了全程。",
    "希望你再接再励。",
    "他已经走头无路了。",
    "他在演讲中言简意该。",
    "这道菜烩炙人口。",
    "医生摸了摸他的脉博。",
    "我们要克服这些防碍。",
    "大桥即将峻工。",
    "那人性格粗旷。",
    "邻居们见面互相寒喧。",
    "请帮我按装空调。",
    "这批货分二部份发出。",
    "消息不径而走。",
    "他终于甘败下风。",
    "不要自抱自弃。",
    "这支队伍鼎立相助。",
    "这只是黄梁美梦。",
    "事情可以追朔到去年。",
    "孩子们在兰天下奔跑。",
    "她的精神十分萎糜。",
    "他是名符其实的冠军。",
    "这个计划很有挑占性。",
    "会义改在下午举行。",
    "请准时参加毕业典理。",
    "我们期待您的光林。",
    "他的态渡很好。",
    "问题已经得到解绝。",
    "这次考式很难。",
    "我对这件事很报歉。",
    "她买了一些水裹。",
    "图书棺今天不开门。",
    "我昨天去看了电形。",
    "请注意交通安金。",
    "天气越来越令。",
    "他每天坚持段炼身体。",
]
EN_MISTAKES = [
    ("recieve", ""), ("acheivement", ""), ("goverment", ""), ("enviroment", ""), ("definately", ""), ("seperately", ""), ("occassion", ""),
    ("neccessity", ""), ("accomodation", ""), ("begining", ""), ("beleif", ""), ("calender", ""), ("cemetary", ""), ("concious", ""), ("embarrasment", ""),
    ("existance", ""), ("foriegner", ""), ("harrassment", ""), ("independance", ""), ("knowlege", ""), ("liason", ""), ("maintainance", ""),
    ("millenium", ""), ("noticable", ""), ("persistant", ""), ("posession", ""), ("prefered", ""), ("publically", ""), ("recomendation", ""),
    ("refered", ""), ("relevent", ""), ("restaraunt", ""), ("succesful", ""), ("suprise", ""), ("tommorow", ""), ("truely", ""), ("unfortunatly", ""),
    ("wierdly", ""), ("writting", ""), ("yeild", ""),
]  # fmt: skip
