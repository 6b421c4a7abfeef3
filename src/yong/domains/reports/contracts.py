"""What crosses the door of reports: the states that a report goes through."""

from enum import StrEnum

from yong.kernel.base.text import Text


class State(StrEnum):
    """How far a report is."""

    RECEIVED = "received"
    ANSWERED = "answered"
    CLOSED = "closed"


STATES: dict[State, Text] = {
    State.RECEIVED: Text("已收到", "Received"),
    State.ANSWERED: Text("已答复", "Answered"),
    State.CLOSED: Text("已办结", "Closed"),
}

CATEGORIES: dict[str, Text] = {
    "C01": Text("公用设施：井盖、路灯、管线", "Utilities: manhole covers, street lamps, pipes"),
    "C02": Text("交通设施：护栏、标志牌、公交站亭", "Traffic: railings, signs, bus shelters"),
    "C03": Text("环卫设施：公厕、果皮箱", "Sanitation: public toilets, litter bins"),
    "C04": Text("园林绿化：行道树、绿地、座椅", "Parks and trees: street trees, lawns, benches"),
    "E01": Text("市容环境：垃圾、道路或水面不洁", "Litter and dirt: rubbish, dirty roads or water"),
    "E02": Text("宣传广告：小广告、违规招牌", "Posters and signs: illegal posters, signboards"),
    "E03": Text("施工管理：扰民、扬尘、占道", "Building sites: noise, dust, blocked roads"),
    "E04": Text("突发情况：管道破裂、路面塌陷、积水", "Sudden damage: burst pipes, holes, flooding"),
    "E05": Text("街面秩序：店外经营、乱停放", "Street order: trading and parking in the way"),
    "E06": Text("其他", "Something else"),
}
"""The top classes of city management's components (C) and events (E), as CJ/T 214 and GB/T 30428.2 name and number
them, with examples of what is in each; a component's "others" are with the events'."""
