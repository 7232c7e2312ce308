"""Where customers live and what they are called."""

STATES = {
    "NY": ("New York", "Northeast", ("Albany", "Buffalo")),
    "MA": ("Massachusetts", "Northeast", ("Boston", "Worcester")),
    "PA": ("Pennsylvania", "Northeast", ("Erie", "Scranton")),
    "IL": ("Illinois", "Midwest", ("Chicago", "Peoria")),
    "OH": ("Ohio", "Midwest", ("Dayton", "Toledo")),
    "MI": ("Michigan", "Midwest", ("Detroit", "Lansing")),
    "TX": ("Texas", "South", ("Austin", "El Paso")),
    "FL": ("Florida", "South", ("Miami", "Tampa")),
    "GA": ("Georgia", "South", ("Athens", "Savannah")),
    "CA": ("California", "West", ("Fresno", "Oakland")),
    "WA": ("Washington", "West", ("Spokane", "Tacoma")),
    "CO": ("Colorado", "West", ("Boulder", "Denver")),
}
REGIONS = ("Northeast", "Midwest", "South", "West")
MAIL_DOMAINS = ("inbox.test", "postbox.test", "quickmail.test", "letters.test", "homepage.test")

FIRST_NAMES = (
    "Ada",
    "Ben",
    "Carla",
    "Dmitri",
    "Elena",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Keiko",
    "Liam",
    "Mona",
    "Nadia",
    "Oscar",
    "Priya",
    "Quentin",
    "Rosa",
    "Samir",
    "Tessa",
)
LAST_NAMES = (
    "Abbott",
    "Becker",
    "Castillo",
    "Dawson",
    "Eriksen",
    "Fontaine",
    "Garcia",
    "Holt",
    "Ibrahim",
    "Jansen",
    "Kowalski",
    "Lindgren",
    "Moreau",
    "Novak",
    "Okafor",
)
