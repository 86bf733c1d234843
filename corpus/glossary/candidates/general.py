"""Words that say nothing of a field: those that part phrases, and those that a phrase must not be made of alone."""

#: Phrases end at these.
FUNCTION_EN = frozenset(
    """a about above across after again against all almost along already also although always am among an and another any
    anyone anything are around as at be because been before behind being below beside besides between beyond both but by can
    cannot could did do does doing done down during each either else enough especially etc even ever every everyone
    everything except few for from further get gets getting given goes going got had has have having he hence her here hers
    herself him himself his how however i if in indeed instead into is it its itself just least less let lets like may maybe me
    mere might mine more moreover most much must my myself near neither never nevertheless no nobody none nor not nothing now
    of off often on once one only onto or other others otherwise our ours out over own per perhaps quite rather really same
    shall she should since so some somehow someone something sometimes soon still such than that the their theirs them then
    there thereby therefore these they this those though through throughout thus till to together too toward towards under
    unless until up upon us usually very was we were what whatever when whenever where whereas wherever whether which while
    who whoever whole whom whose why will with within without would yes yet you your yours yourself it's don't isn't doesn't
    didn't can't won't i'm we're they're that's there's he's she's said says say according""".split()  # noqa: SIM905
)
#: A phrase wholly of these is hardly a term.
GENERAL_EN = frozenset(
    """able accept account act action add addition afternoon age agree ahead air allow amount animal answer appear apply area
    arm arrive article ask attempt available average avoid away back bad bag base bed become began begin beginning behaviour
    believe best better big bit black blue board body book box boy break bring brother brought build building built business
    buy call called came car care carry case cause center central certain chair chance change child children choose city class
    clean clear close cold color colour come common company compare complete condition consider contain continue control cook
    corner correct cost count country couple course cover create cross current customer cut dark data day days deal decide
    deep develop development difference different difficult direct direction do doctor door doubt draw dream drive drop dry
    early earth easy eat effect effort end enjoy enter entire equal evening event evidence exact example expect experience
    explain eye face fact fall family far fast father feel feeling feet field fight figure fill final find fine finish fire
    first fish five floor fly follow food foot force form found four free friend front full fun future game garden gave
    general girl give glass go good government great green ground group grow growth guess hair half hand hands happen happy
    hard head health hear heard heart heavy held help high history hit hold home hope hot hour hours house human hundred idea
    image important improve include including increase information inside interest interesting issue item job join keep key
    kind knew know knowledge known land language large last late later laugh law lay lead learn leave led left leg letter
    level lie life light line list listen little live local long look lost lot love low machine made main major make man many
    mark market matter mean means measure meet member men method middle mind minute minutes miss modern moment money month
    months morning mother mountain move movement music name national nature necessary need new news next nice night note
    notice number object offer office old open order original outside page paper paragraph parent part particular party pass
    past pay people percent perfect person phone photo pick picture piece place plan plant play please point poor position
    possible power practice prepare present president press pretty price problem process produce product program public pull
    purpose push put quality question quick quickly quiet rain ran range rate reach read ready real reason receive recent red
    remain remember report rest result return rich ride right rise river road rock role room round rule run safe sat save saw
    school science sea season seat second section see seem seen self sell send sense sentence serve service set seven several
    shape share ship short show side sign similar simple single sister sit situation six size skin sky sleep slow small
    social soft sold sound south space speak special spend spent spoke spring staff stage stand start state stay step stood
    stop store story street strong student study subject success sudden suggest summer sun sure surface system table take
    talk tax teach teacher team tell ten term test text thank thing things think third thought thousand three time times
    today told tomorrow took top total touch town travel tree tried trip trouble true try turn two type understand unit use
    used useful user using usual value various view visit voice wait walk wall want war warm watch water way ways weak wear
    weather week weeks weight went west white wide wife wind window winter wish woman women wonder word words work worker
    works world worry worse worst write writing written wrong year years yesterday young rose fell grew nothing shows showed
    rises falls grows remained became reported reports stated includes included based made makes making taken takes taking
    quarter annual yearly monthly daily previous following total several large larger small smaller higher lower""".split()  # noqa: SIM905
)
#: Function words and words of every text; phrases end at these.
FUNCTION_ZH = frozenset(
    """的 了 和 与 及 或 在 是 有 为 以 于 对 中 上 下 等 将 被 把 从 到 由 向 就 都 也 还 而 且 但 并 不 没 没有 很 更 最 其 该 此 这
    那 这个 那个 这些 那些 这样 那样 我 你 他 她 它 我们 你们 他们 它们 自己 之 所 者 能 会 可 可以 可能 应 应该 要 需 需要 必须 如 如果 若
    则 因 因为 所以 由于 因此 虽然 但是 然而 而且 并且 以及 或者 还是 不是 就是 只 只有 只是 一 一个 一种 一些 一次 一定 每 各 某 另 另外
    其中 其他 其它 什么 怎么 如何 为什么 哪 哪些 多少 几 已 已经 正在 曾 曾经 才 又 再 便 即 至 至于 关于 根据 按照 通过 经过 随着 除了
    除 给 让 使 使得 令 用 来 去 说 做 进行 之间 之后 之前 以后 以前 以上 以下 之一 时 时候 当 里 内 外 前 后 左右 们 个 些 种 次 年 月 日
    今天 明天 昨天 今年 去年 明年 目前 现在 同时 此外 例如 比如 包括 其余 全部 所有 任何 非常 十分 比较 相当 完全 仅 仅仅 吗 呢 吧 啊 呀
    得 地 着 过 请 您 万 亿 元 第 二 三 四 五 六 七 八 九 十 两 百 千 我国 本 本次 本期 上述 下列 如下 有关 相关 增加 减少 提高 上升 下降
    增长 认为 表示 指出 显示 介绍 要求 主要 重要 不同 一般 通常 问题 情况 方面 工作 时间 内容 部分 方式 方法 过程 结果""".split()  # noqa: SIM905
)
