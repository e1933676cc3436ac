"""The invented people of the generated notes. Some of their names are common, some stand in no list of the masker."""

from __future__ import annotations

GIVEN = (
    "James", "Mary", "Robert", "Patricia", "Olivia", "Liam", "Emma", "Noah", "Sophia", "Ethan", "Grace", "Mark", "Rose",
    "Maria", "José", "Carlos", "Lucía", "Ahmed", "Fatima", "Mohammed", "Aisha", "Priya", "Rajesh", "Ananya", "Sanjay",
    "Wei", "Mei", "Yuki", "Hiroshi", "Linh", "Siobhan", "Aoife", "Declan", "Piotr", "Agnieszka", "Olga", "Dmitri",
    "Ingrid", "Lars", "Giovanni", "Chiara", "Chidi", "Ngozi", "Kwame", "Amara", "Zainab", "Hannah", "Joshua", "Ruth",
    "Samuel", "Doris", "Walter", "Ethel", "Harold", "Mildred", "Jean-Luc", "Anne-Marie", "Tyrone", "Keisha", "Xiomara",
)  # fmt: skip
RARE_GIVEN = (
    "Thessaly", "Ignatz", "Quenby", "Oisín", "Tamsyn", "Bartholo", "Zephyrine", "Ulfric", "Isaura", "Maelys",
    "Ottoline", "Cosmin", "Evander", "Nerissa", "Thabiso", "Yevgenia",
)  # fmt: skip
FAMILY = (
    "Smith", "Johnson", "Williams", "Brown", "Garcia", "Martinez", "Nguyen", "Patel", "Khan", "Singh", "Kim", "Chen",
    "O'Brien", "O'Connor", "McDonald", "MacLeod", "Kowalski", "Ivanova", "Schmidt", "Müller", "Rossi", "Okafor",
    "Mensah", "Hernandez", "Lopez", "Taylor", "Wilson", "Young", "Hill", "Parkinson", "Bell", "Graves", "Wright",
    "Al-Farsi", "van der Berg", "de la Cruz", "Smith-Jones", "Tanaka", "Suzuki", "Ali", "Hussain", "Cohen", "Levy",
    "Murphy", "Kelly", "Walsh", "Campbell", "Stewart", "Haddad", "Abadi", "Petrov", "Novak", "Silva", "Santos",
)  # fmt: skip
RARE_FAMILY = (
    "Quillfeather", "Brandreth", "Oyelaran", "Szczepanik", "Thistlewood", "Vantongeren", "Zubizarreta", "Auchterlonie",
    "Mbekwa", "Hrdlicka", "Penhaligon", "Ystradwen", "Fotheringay", "Kjeldsen", "Ximenes-Ruiz", "Tregellas",
)  # fmt: skip
TITLES = ("Mr", "Mrs", "Ms", "Mr.", "Mrs.", "Ms.", "Miss")
STREETS = (
    "Elm", "Maple", "Station", "Church", "Victoria", "King's", "Old Mill", "Washington", "Lakeview", "Highfield",
    "St John's", "Martin Luther King", "Rosewood", "7th", "42nd", "Thornbury",
)  # fmt: skip
STREET_TYPES = (
    "Street",
    "St",
    "St.",
    "Road",
    "Rd",
    "Avenue",
    "Ave",
    "Lane",
    "Drive",
    "Court",
    "Blvd",
    "Terrace",
    "Close",
    "Way",
)
US_CITIES = ("Springfield, IL 62704", "Portland, OR 97205", "Austin, TX 78701-2345", "Fairview, NJ 07022")
UK_CITIES = ("Leeds LS6 2AB", "London SW1A 1AA", "Bristol, BS8 1TH", "Glasgow G12 8QQ")
INSURERS = ("Aetna", "BUPA", "Blue Cross", "Medicaid")
DOMAINS = ("example.com", "example.org", "mail.example.co.uk", "st-marys.example.nhs.uk")
CHINESE_FAMILY = (
    *"王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡",
    "欧阳", "司马", "上官", "诸葛",
)  # fmt: skip
CHINESE_GIVEN = (
    "伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇", "军", "杰", "涛", "明", "超", "秀英", "桂英", "志强",
    "建国", "丽华", "晓明", "雨欣", "子涵", "浩然", "梓萱", "国栋", "海燕", "文博", "思远", "玉兰",
    "春梅", "建平", "俊杰", "佳怡", "一诺", "宇轩",
    "淑珍", "德胜", "凤霞", "立新",
)  # fmt: skip
CHINESE_PLACES = (
    "北京市朝阳区建国路88号", "上海市浦东新区世纪大道100号3栋201室", "广东省深圳市南山区科技园南路18号",
    "浙江省杭州市西湖区文三路39号5单元302室",
    "四川省成都市武侯区人民南路四段12号", "江苏省南京市鼓楼区中山北路26号院",
    "湖北省武汉市洪山区珞喻路1037号", "河北省石家庄市正定县新安镇东村12号",
)  # fmt: skip
TOWNS = (
    "Leeds", "Harrogate", "Springfield", "Little Rock, AR", "New Haven", "Thornbury", "Fairview", "San Marcos", "Cork",
    "Port Talbot", "Gdańsk", "Eau Claire, WI", "Kilkenny", "Tuscaloosa", "Bad Homburg", "St Ives",
)  # fmt: skip
HOSPITALS = (
    "St. Mary's Hospital", "Thornbury General Hospital", "Lakeview Medical Center", "Royal Highfield Infirmary",
    "Mercy Hospital", "University Hospital of Fairview", "Rosewood Nursing Home", "Mayo Clinic", "Brandreth Clinic",
    "Northgate Health Centre", "Sacred Heart Medical Center", "Children's Hospital of Springfield", "St Luke's Hospice",
    "Penhaligon Memorial Hospital", "Kingsbrook Rehabilitation Center", "Quillfeather & Sons Care Home",
)  # fmt: skip
LOWER_HOSPITALS = ("mercy hospital", "st. mary's hospital", "lakeview medical center", "thornbury general hospital")
CHINESE_HOSPITALS = (
    "北京协和医院", "上海市第一人民医院", "四川大学华西医院", "石家庄市正定县人民医院", "苏州市立医院", "武汉同济医院",
    "深圳市南山区妇幼保健院", "中山大学附属第一医院", "新安镇卫生院", "康泰医院", "解放军总医院", "浙江省中医院",
)  # fmt: skip
