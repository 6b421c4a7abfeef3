"""The departments that the plan names, and who does their work since the reforms of 2018/2019 and 2023.

The plan says 环保, 工商, 城管 …; the short codes stay the same when a department is renamed.
"""

from yong.cities.contracts import Department
from yong.kernel.base.text import Text

_ROWS: tuple[tuple[str, str, str, str, str], ...] = (
    # code, the plan's name, English, today's name, English
    ("office", "智慧城市建设领导小组办公室", "Smart City Leading Group Office", "市数据局", "Data Bureau"),
    ("experts", "专家咨询委员会", "Expert Advisory Committee", "专家咨询委员会", "Expert Advisory Committee"),
    ("planning", "规划局", "Planning Bureau", "自然资源和规划局", "Natural Resources and Planning Bureau"),
    (
        "land",
        "国土资源局",
        "Land Resources Bureau",
        "自然资源和规划局",
        "Natural Resources and Planning Bureau",
    ),
    ("police", "公安局", "Public Security Bureau", "公安局", "Public Security Bureau"),
    (
        "commerce",
        "工商局",
        "Administration for Industry and Commerce",
        "市场监督管理局",
        "Administration for Market Regulation",
    ),
    (
        "quality",
        "质量技术监督局",
        "Quality Supervision Bureau",
        "市场监督管理局",
        "Administration for Market Regulation",
    ),
    ("tax", "税务局", "Tax Service", "税务局", "Tax Service"),
    (
        "labour",
        "劳动和社会保障局",
        "Labour and Social Security Bureau",
        "人力资源和社会保障局",
        "Human Resources and Social Security Bureau",
    ),
    (
        "personnel",
        "人事局",
        "Personnel Bureau",
        "人力资源和社会保障局",
        "Human Resources and Social Security Bureau",
    ),
    (
        "ocean",
        "海洋与渔业局",
        "Ocean and Fisheries Bureau",
        "自然资源和规划局",
        "Natural Resources and Planning Bureau",
    ),
    ("forestry", "林业局", "Forestry Bureau", "自然资源和规划局", "Natural Resources and Planning Bureau"),
    ("water", "水利局", "Water Resources Bureau", "水利局", "Water Resources Bureau"),
    (
        "environment",
        "环境保护局",
        "Environmental Protection Bureau",
        "生态环境局",
        "Ecology and Environment Bureau",
    ),
    (
        "culture",
        "文化局",
        "Culture Bureau",
        "文化广电旅游局",
        "Bureau of Culture, Radio, Television and Tourism",
    ),
    ("education", "教育局", "Education Bureau", "教育局", "Education Bureau"),
    ("finance", "财政局", "Finance Bureau", "财政局", "Finance Bureau"),
    (
        "exchange",
        "外汇管理局",
        "Administration of Foreign Exchange",
        "外汇管理局",
        "Administration of Foreign Exchange",
    ),
    (
        "bank",
        "人民银行",
        "People's Bank of China",
        "人民银行宁波市分行",
        "People's Bank of China, Ningbo Branch",
    ),
    ("statistics", "统计局", "Statistics Bureau", "统计局", "Statistics Bureau"),
    ("transport", "交通局", "Transport Bureau", "交通运输局", "Transport Bureau"),
    ("customs", "海关", "Customs", "海关", "Customs"),
    ("court", "法院", "Court", "中级人民法院", "Intermediate People's Court"),
    (
        "construction",
        "城市建设局",
        "Urban Construction Bureau",
        "住房和城乡建设局",
        "Housing and Urban-Rural Development Bureau",
    ),
    (
        "cityops",
        "城市管理局",
        "City Management Bureau",
        "综合行政执法局",
        "Comprehensive Administrative Enforcement Bureau",
    ),
    ("safety", "安全生产监督管理局", "Work Safety Bureau", "应急管理局", "Emergency Management Bureau"),
    ("civil", "民政局", "Civil Affairs Bureau", "民政局", "Civil Affairs Bureau"),
    ("weather", "气象局", "Meteorological Bureau", "气象局", "Meteorological Bureau"),
    ("health", "卫生局", "Health Bureau", "卫生健康委员会", "Health Commission"),
    ("agriculture", "农业局", "Agriculture Bureau", "农业农村局", "Agriculture and Rural Affairs Bureau"),
    (
        "tourism",
        "旅游局",
        "Tourism Bureau",
        "文化广电旅游局",
        "Bureau of Culture, Radio, Television and Tourism",
    ),
)

DEPARTMENTS: tuple[Department, ...] = tuple(
    Department(code=code, name=Text(zh, en), today=Text(today_zh, today_en))
    for code, zh, en, today_zh, today_en in _ROWS
)
