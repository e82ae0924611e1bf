"""The lists that the example network is drawn from: common given and family names, invented companies, roles, skills.

Every person, company and address drawn from them is invented; addresses are in reserved example domains.
"""

from dataclasses import dataclass

NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "yoruba": (
        ("Adébáyọ̀", "Folákẹ́", "Olúmìdé", "Títílayọ̀", "Kẹ́hìndé", "Ayọ̀délé"),
        ("Adéyemí", "Ògúnlẹ́yẹ", "Balógun", "Akíntọ́lá", "Fálétí"),
    ),
    "igbo": (("Amara", "Chidi", "Ngozi", "Obinna", "Ifeoma", "Emeka"), ("Okafor", "Eze", "Nwosu", "Obi", "Onyeka")),
    "polish": (
        ("Tomasz", "Małgorzata", "Łukasz", "Agnieszka", "Paweł", "Zofia"),
        ("Wiśniewski", "Wójcik", "Kowalczyk", "Zieliński", "Szymańska"),
    ),
    "turkish": (("Elif", "Mehmet", "Zeynep", "Emre", "Ayşe", "Oğuz"), ("Yılmaz", "Demir", "Şahin", "Öztürk", "Aydın")),
    "vietnamese": (("Linh", "Minh", "Hương", "Tuấn", "Thảo", "Quang"), ("Nguyễn", "Trần", "Phạm", "Hoàng", "Đặng")),
    "chinese": (("Mei", "Jun", "Xiaoling", "Wei", "Yan", "Haoran"), ("Zhang", "Huang", "Zhao", "Xu", "Lin")),
    "japanese": (
        ("さくら", "Kenji", "Yūko", "Haruto", "Aoi", "Daichi"),
        ("Tanaka", "佐藤", "Kobayashi", "Yamamoto", "Ōta"),
    ),
    "indian": (
        ("Priya", "Arjun", "Ananya", "Vikram", "Lakshmi", "Rohan"),
        ("Iyer", "Sharma", "Banerjee", "Reddy", "Nair"),
    ),
    "arabic": (
        ("Layla", "Omar", "Nour", "Yusuf", "Samira", "Karim"),
        ("Haddad", "al-Masri", "Khalil", "Mansour", "Saleh"),
    ),
    "hispanic": (
        ("Lucía", "Javier", "Ximena", "Andrés", "Inés", "Joaquín"),
        ("García Peña", "Muñoz", "Ibáñez", "de la Cruz", "Núñez"),
    ),
    "irish": (
        ("Aoife", "Seán", "Niamh", "Cillian", "Gráinne", "Oisín"),
        ("O'Brien", "Ní Dhónaill", "Murphy", "Byrne", "Walsh"),
    ),
    "nordic": (
        ("Åsa", "Bjørn", "Sólveig", "Mikkel", "Aino", "Lars"),
        ("Sørensen", "Lindström", "Jónsdóttir", "Virtanen", "Berg"),
    ),
    "hawaiian": (
        ("Kalani", "Leilani", "Keoni", "Noelani", "Makoa", "Ailani"),
        ("Kahananui", "Kealoha", "Mahoe", "Akana", "Palakiko"),
    ),
    "german": (
        ("Jürgen", "Anneliese", "Björn", "Käthe", "Moritz", "Greta"),
        ("Müller", "Weiß", "von Behren", "Schäfer", "Groß"),
    ),
}


@dataclass(frozen=True, slots=True)
class Employer:
    """An invented company. `city` is where its openings are."""

    name: str
    domain: str
    city: str
    size: int


EMPLOYERS: tuple[Employer, ...] = (
    Employer("Lumenforge", "lumenforge.example", "Berlin, Germany", 900),
    Employer("Kestrel Freight Ltd", "kestrelfreight.example", "London, United Kingdom", 4000),
    Employer("Blaupause GmbH", "blaupause.example", "Berlin, Germany", 120),
    Employer("Tidewater Health, Inc.", "tidewaterhealth.example", "Boston, United States", 7000),
    Employer("Koru Energy Limited", "koruenergy.example", "Amsterdam, Netherlands", 600),
    Employer("Sakurabashi Robotics K.K.", "sakurabashi.example", "Tokyo, Japan", 350),
    Employer("Mirador Seguros S.A.", "mirador.example", "Madrid, Spain", 2200),
    Employer("Pâtisserie Numérique SAS", "patisserie-numerique.example", "Paris, France", 45),
    Employer("Ostrava Optics s.r.o.", "ostravaoptics.example", "Prague, Czechia", 160),
    Employer("Harbour & Finch LLP", "harbourfinch.example", "Dublin, Ireland", 300),
    Employer("Zephyr Mobility AB", "zephyrmobility.example", "Stockholm, Sweden", 800),
    Employer("Monsoon Learning Pvt Ltd", "monsoonlearning.example", "Bengaluru, India", 1500),
    Employer("Baobab Pay", "baobabpay.example", "Lagos, Nigeria", 400),
    Employer("Quillwort Press", "quillwort.example", "London, United Kingdom", 80),
    Employer("Anadolu Bulut A.Ş.", "anadolubulut.example", "Istanbul, Turkey", 500),
    Employer("Glasshouse Analytics", "glasshouse.example", "Berlin, Germany", 210),
    Employer("Río Claro Foods", "rioclaro.example", "Madrid, Spain", 5200),
    Employer("Fjordlys Marine AS", "fjordlys.example", "Oslo, Norway", 260),
    Employer("Hanoi Threadworks", "threadworks.example", "Hanoi, Vietnam", 1900),
    Employer("Northern Lantern Studios", "northernlantern.example", "Amsterdam, Netherlands", 95),
)


@dataclass(frozen=True, slots=True)
class Role:
    """An occupation: its titles, and the skills it is usually described with."""

    titles: tuple[str, ...]
    skills: tuple[str, ...]
    weight: int


ROLES: tuple[Role, ...] = (
    Role(
        ("Backend Engineer", "Backend Developer"),
        ("Python", "PostgreSQL", "Apache Kafka", "Docker", "REST APIs", "Kubernetes"),
        6,
    ),
    Role(
        ("Frontend Engineer", "Frontend Developer"),
        ("JavaScript", "TypeScript", "React", "CSS", "HTML", "Accessibility"),
        4,
    ),
    Role(("Data Engineer",), ("Python", "SQL", "Apache Spark", "Apache Kafka", "Airflow", "PostgreSQL"), 3),
    Role(("Data Scientist",), ("Python", "Machine Learning", "Statistics", "SQL", "Pandas", "PyTorch"), 3),
    Role(("Product Manager",), ("Product Management", "Roadmapping", "User Research", "SQL", "Agile"), 3),
    Role(
        ("UX Designer", "Product Designer"),
        ("Figma", "User Research", "Prototyping", "Interaction Design", "Accessibility"),
        3,
    ),
    Role(("Site Reliability Engineer",), ("Kubernetes", "Linux", "Terraform", "Prometheus", "Docker", "Python"), 2),
    Role(("Recruiter", "Talent Acquisition Partner"), ("Recruiting", "Sourcing", "Interviewing"), 2),
    Role(("Accountant",), ("Accounting", "Excel", "Financial Reporting", "Bookkeeping"), 2),
    Role(("Marketing Manager",), ("Marketing", "SEO", "Content Marketing", "Google Analytics"), 2),
    Role(("Sales Manager", "Account Executive"), ("Sales", "Negotiation", "Salesforce", "CRM"), 2),
    Role(("Registered Nurse",), ("Patient Care", "Triage", "Electronic Health Records"), 1),
)

SENIORITIES: tuple[str, ...] = ("junior", "mid", "mid", "senior", "senior", "lead")
