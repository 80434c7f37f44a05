"""What the generated articles are made of: sentences with slots, names and figures. All of it is fictional.

Each happening has three leads that tell it in different words, so that outlets report the same event without copying
each other. Slots: {a} and {b} countries, {city} and {country} a place, {who} and {other} persons, {firm} and {rival}
companies, {n} and {m} figures, {day} a weekday.
"""

from __future__ import annotations

from typing import Final

HAPPENINGS: Final = {
    "earthquake": (
        "An earthquake killed {n} people near {city} in {country} on {day}.",
        "At least {n} people died when a strong quake struck {city}, {country}, on {day}.",
        "A powerful earthquake hit {city} on {day}, killing {n} residents, authorities in {country} said.",
    ),
    "flood": (
        "Floods killed {n} people in {city}, {country}, on {day}.",
        "At least {n} villagers drowned on {day} when a flood swept through {city} in {country}.",
        "Flooding in {city} left {n} people dead on {day}, the government of {country} said.",
    ),
    "fire": (
        "A fire at a {goods} factory in {city}, {country}, killed {n} workers on {day}.",
        "{n} workers died on {day} when a blaze swept through a {goods} plant in {city}.",
        "Firefighters in {city} battled a factory fire on {day} that killed {n} people making {goods}.",
    ),
    "explosion": (
        "An explosion at a {goods} warehouse in {city}, {country}, injured {n} people on {day}.",
        "A gas blast tore through a depot of {goods} in {city} on {day}, wounding {n} employees.",
        "{n} people were injured on {day} by an explosion in {city} where {goods} was stored.",
    ),
    "transport-accident": (
        "A train derailed near {city} in {country} on {day}, killing {n} passengers.",
        "{n} passengers died on {day} when a train carrying {goods} crashed outside {city}.",
        "At least {n} people were killed in a train crash near {city}, {country}, on {day}.",
    ),
    "bombing": (
        "A car bomb killed {n} people at a market in {city}, {country}, on {day}.",
        "A bomb exploded in {city} on {day}, killing {n} shoppers, police in {country} said.",
        "{n} people were killed on {day} in a bombing at the {goods} market of {city}.",
    ),
    "strike": (
        "{a} launched an air strike on {city} in {country} on {day}, killing {n} people.",
        "An air strike by {a} killed {n} soldiers in {city}, {country}, on {day}.",
        "Warplanes of {a} bombed {city} on {day} and {n} people were killed.",
    ),
    "arrest": (
        "Police in {city}, {country}, arrested {who} on {day} over the theft of {n} crates of {goods}.",
        "{who} was arrested in {city} on {day} on suspicion of smuggling {goods}.",
        "Officers detained {who} at a hotel in {city} on {day}, the prosecutor of {country} said.",
    ),
    "sentencing": (
        "A court in {city}, {country}, sentenced {who} to {n} years in prison on {day}.",
        "{who} was sentenced on {day} to {n} years in jail by a judge in {city} for hoarding {goods}.",
        "Judges in {city} handed {who} a sentence of {n} years on {day}.",
    ),
    "meeting": (
        "President {who} of {a} met Prime Minister {other} of {b} in {city} on {day}.",
        "Prime Minister {other} received President {who} in {city} on {day} for talks about {goods}.",
        "{a} and {b} held a summit in {city} on {day} attended by President {who}.",
    ),
    "visit": (
        "President {who} of {a} will visit {city} in {country} next week to discuss {goods}.",
        "{a}'s President {who} begins a state visit to {country} next week.",
        "President {who} arrived in {city}, {country}, on {day} for a visit of {n} hours.",
    ),
    "agreement": (
        "{a} and {b} signed an agreement on {goods} in {city} on {day}.",
        "An accord on {goods} was signed by {a} and {b} on {day} in {city}.",
        "{a} reached a deal with {b} over {goods} on {day}, Foreign Minister {who} said in {city}.",
    ),
    "sanctions": (
        "{a} imposed sanctions on {n} companies from {b} on {day} over {goods}.",
        "{n} firms in {b} were hit by sanctions from {a} on {day}.",
        "Foreign Minister {who} announced on {day} that {a} had imposed sanctions on {b}.",
    ),
    "ceasefire": (
        "{a} and {b} agreed to a ceasefire on {day} after talks in {city}.",
        "A truce between {a} and {b} was announced in {city} on {day} by {who}.",
        "{a} and {b} declared a ceasefire of {n} days on {day}.",
    ),
    "prisoner-exchange": (
        "{a} and {b} exchanged {n} prisoners near {city} on {day}.",
        "A prisoner swap between {a} and {b} on {day} freed {n} soldiers.",
        "{a} released {n} captives on {day} in a prisoner exchange with {b} mediated by {who}.",
    ),
    "protest": (
        "{n} people protested in {city}, {country}, on {day} against the price of {goods}.",
        "A protest over {goods} drew {n} marchers to the streets of {city} on {day}.",
        "Demonstrators rallied in {city} on {day}, and police in {country} counted {n} of them.",
    ),
    "labour-strike": (
        "{n} workers at {firm} went on strike in {city}, {country}, on {day}.",
        "Workers of {firm} in {city} walked out on {day} over the pay for handling {goods}.",
        "A strike by {n} employees halted the plant of {firm} in {city} on {day}.",
    ),
    "resignation": (
        "Finance Minister {who} of {a} resigned on {day}.",
        "{who} resigned as finance minister of {a} on {day} after a row over {goods}.",
        "{a}'s Finance Minister {who} stepped down on {day}, {n} months after taking office.",
    ),
    "appointment": (
        "{firm} appointed {who} as chief executive on {day}.",
        "{who} was named chief executive of {firm} on {day} in {city}.",
        "{firm}, a maker of {goods}, hired {who} on {day} to lead its {n} employees.",
    ),
    "merger": (
        "{firm} agreed on {day} to buy {rival} for ${n} million.",
        "{rival} will be taken over by {firm} for ${n} million, the companies said in {city} on {day}.",
        "{firm} announced a merger with {rival}, a maker of {goods}, on {day}.",
    ),
    "layoffs": (
        "{firm} said on {day} it would cut {n} jobs in {city}, {country}.",
        "{n} employees of {firm} in {city} will lose their jobs, the maker of {goods} said on {day}.",
        "{firm} announced {n} layoffs at its plant in {city} on {day}.",
    ),
    "investment": (
        "{firm} will invest ${n} million in a {goods} plant in {city}, {country}, it said on {day}.",
        "An investment of ${n} million by {firm} was announced in {city} on {day}.",
        "{firm} announced on {day} that it will invest ${n} million in {country}.",
    ),
    "outbreak": (
        "An outbreak of cholera killed {n} people in {city}, {country}, on {day}.",
        "Health officials in {city} reported a cholera outbreak with {n} deaths on {day}.",
        "{n} people died of cholera in {city} by {day} in an outbreak traced to {goods}.",
    ),
    "space-launch": (
        "{firm} launched a rocket with {n} satellites from {city}, {country}, on {day}.",
        "A rocket of {firm} lifted off from {city} on {day} carrying {n} satellites.",
        "{n} satellites were launched into orbit on {day} by {firm}.",
    ),
    "storm": (
        "A hurricane killed {n} people in {city}, {country}, on {day}.",
        "{n} people died on {day} as a storm tore roofs from houses in {city}.",
        "A storm struck {city} on {day}, killing {n} fishermen from {country}.",
    ),
    "election": (
        "{who} won the presidential election in {country} on {day} with a lead of {n} thousand votes.",
        "Voters in {country} elected {who} president on {day}.",
        "{who} was elected president of {country} on {day}, the commission in {city} said.",
    ),
}
"""By event type, as the ontology names it; what the extractor makes of a sentence is its own affair."""

TITLES: Final = (
    "{city}: what is known about {day}",
    "{who}, {goods} and a long {day} in {city}",
    "The {goods} question returns to {country}",
    "Notes from {city} by our correspondent {reporter}",
    "{country} counts {n}",
    "{reporter} reports from {city}",
)

DETAILS: Final = (
    "{witness}, who sells {goods} near the {landmark}, said the street had been quiet since {hour} o'clock.",
    "The mayor, {witness}, spoke for {m} minutes beside the {landmark} and took no questions about {goods}.",
    '"We had {m} boxes of {goods} left and nobody to carry them," said {witness} at the {landmark}.',
    "Traffic around the {landmark} was diverted for {m} hours while lorries with {goods} waited at gate {hour}.",
    "{reporter} counted {m} vans near the {landmark}, most of them loaded with {goods}.",
    "Prices of {goods} had risen by {m} cents within {hour} days, according to the trader {witness}.",
    "The {landmark}, built by the architect {witness}, stayed open and sold {m} tickets before {hour} o'clock.",
    "A clerk named {witness} kept a ledger of {m} pages about the {goods} that passed the {landmark}.",
    "Rain fell for {hour} hours, and {m} umbrellas were left at the {landmark}, said its keeper {witness}.",
    "The orchestra of the {landmark} went on rehearsing with {m} players under {witness}.",
)

PARAGRAPHS: Final = {
    "de": (
        "Bei {city} zählte {witness} am {hour}. des Monats {n} Kisten mit {goods}.",
        "Am {landmark} warteten {m} Lastwagen, berichtet {reporter} aus {country}.",
        "{witness} verkauft dort seit {hour} Jahren {goods} und nennt {n} Stammkunden.",
        "Die Kapelle von {city} spielte {m} Stücke, danach sprach {who} über {goods}.",
    ),
    "fr": (
        "Près de {city}, {witness} a compté {n} caisses de {goods} le {hour} du mois.",
        "Devant le {landmark}, {m} camions attendaient, raconte {reporter} depuis {country}.",
        "{witness} y vend {goods} depuis {hour} ans et cite {n} clients fidèles.",
        "La fanfare de {city} a joué {m} morceaux, puis {who} a parlé de {goods}.",
    ),
    "es": (
        "Cerca de {city}, {witness} contó {n} cajas de {goods} el día {hour} del mes.",
        "Ante el {landmark} esperaban {m} camiones, cuenta {reporter} desde {country}.",
        "{witness} vende allí {goods} desde hace {hour} años y nombra a {n} clientes.",
        "La banda de {city} tocó {m} piezas y después {who} habló de {goods}.",
    ),
    "pt": (
        "Perto de {city}, {witness} contou {n} caixas de {goods} no dia {hour} do mês.",
        "Diante do {landmark} esperavam {m} camiões, conta {reporter} a partir de {country}.",
        "{witness} vende ali {goods} há {hour} anos e refere {n} clientes.",
        "A banda de {city} tocou {m} peças e depois {who} falou de {goods}.",
    ),
    "it": (
        "Vicino a {city}, {witness} ha contato {n} casse di {goods} il giorno {hour} del mese.",
        "Davanti al {landmark} aspettavano {m} camion, racconta {reporter} da {country}.",
        "{witness} vende lì {goods} da {hour} anni e nomina {n} clienti.",
        "La banda di {city} ha suonato {m} pezzi, poi {who} ha parlato di {goods}.",
    ),
}
"""By language: for the partitions of dedup. The extractor lets these articles pass without mentions."""

PLACES: Final = tuple(
    (town, country)
    for line in (
        "Lima, Peru; Nairobi, Kenya; Jakarta, Indonesia; Bogota, Colombia; Accra, Ghana; Dhaka, Bangladesh",
        "Karachi, Pakistan; Manila, the Philippines; Hanoi, Vietnam; Lagos, Nigeria; Izmir, Turkey; Porto, Portugal",
        "Naples, Italy; Lyon, France; Hamburg, Germany; Gdansk, Poland; Bergen, Norway; Malmo, Sweden",
        "Tampere, Finland; Cork, Ireland; Seville, Spain; Osaka, Japan; Busan, South Korea; Chennai, India",
        "Colombo, Sri Lanka; Kathmandu, Nepal; Tashkent, Uzbekistan; Almaty, Kazakhstan; Tbilisi, Georgia",
        "Yerevan, Armenia; Baku, Azerbaijan; Tirana, Albania; Sofia, Bulgaria; Cluj, Romania; Lviv, Ukraine",
        "Minsk, Belarus; Tartu, Estonia; Riga, Latvia; Kaunas, Lithuania; Graz, Austria; Basel, Switzerland",
        "Ghent, Belgium; Rotterdam, the Netherlands; Aarhus, Denmark; Casablanca, Morocco; Tunis, Tunisia",
        "Alexandria, Egypt; Khartoum, Sudan; Kampala, Uganda; Lusaka, Zambia; Maputo, Mozambique",
        "Durban, South Africa; Dakar, Senegal; Bamako, Mali; Santiago, Chile; Rosario, Argentina; Recife, Brazil",
        "Quito, Ecuador; La Paz, Bolivia; Monterrey, Mexico; Montevideo, Uruguay; Asuncion, Paraguay",
    )
    for town, country in (place.split(", ") for place in line.split("; "))
)
"""Town and country."""

FIRST_NAMES: Final = (
    "Aldo", "Birgit", "Casimir", "Delphine", "Emeka", "Farida", "Goran", "Hanneke", "Ismail", "Jolanta", "Kwame",
    "Leonie", "Matteo", "Noor", "Oswald", "Priya", "Quentin", "Rosalind", "Stellan", "Tamar", "Ulrich", "Valeria",
    "Wendell", "Xenia", "Yusuf", "Zofia", "Ambrose", "Beatriz", "Cormac", "Dagny", "Evander", "Fleur", "Gideon",
    "Hilde", "Ignacio", "Josefin",
)  # fmt: skip
LAST_NAMES: Final = (
    "Abernathy", "Brandvold", "Castellane", "Dubrovin", "Ekholm", "Farquharson", "Grimaldo", "Halvorsen", "Iriarte",
    "Jankowiak", "Kettleborough", "Lindqvist", "Mwangale", "Nakashiro", "Oyelaran", "Pemberthy", "Quispe",
    "Ravndal", "Sokolowicz", "Threlfall", "Umarov", "Vandersloot", "Wexcombe", "Yilmazer", "Zeitlin", "Arkwright",
    "Bellweather", "Cardozo", "Drummond", "Eversholt", "Fairweather", "Gyllenhammar", "Hathersage", "Ingleby",
    "Jessamine", "Kirkbride", "Lovelock", "Marchbanks", "Nettlefold", "Ollerenshaw", "Pennefather", "Quarrington",
    "Rosenqvist", "Satterthwaite", "Tolliver", "Underhill", "Venables", "Windermere", "Yarborough", "Zimmerlin",
)  # fmt: skip
FIRM_NAMES: Final = (
    "Nordhavn", "Castellan", "Varnholt", "Brightwater", "Kestrel", "Ostrava", "Pallas", "Meridia", "Solway",
    "Tarragon", "Ullswater", "Vantage", "Wolfram", "Zephyr", "Amberline", "Blackthorn", "Copperfield", "Drakemoor",
    "Elmstead", "Fenwick",
)  # fmt: skip
FIRM_TRADES: Final = (
    "Shipping", "Motors", "Foods", "Energy", "Steel", "Airlines", "Pharma", "Rail", "Chemicals", "Bank",
)  # fmt: skip
GOODS: Final = (
    "timber", "fertiliser", "copper wire", "oranges", "ceramics", "paraffin", "cotton", "bicycles", "salt",
    "glassware", "saffron", "batteries", "linen", "barley", "toys", "paper", "rubber", "honey", "cement", "lamps",
    "olives", "velvet", "cardamom", "gravel", "needles", "varnish", "almonds", "buttons", "cork", "dried fish",
)  # fmt: skip
LANDMARKS: Final = (
    "clock tower", "old customs house", "ferry landing", "botanical garden", "town library", "northern viaduct",
    "mill pond", "opera house", "cattle market", "tram depot", "lighthouse", "museum of printing", "fish hall",
    "observatory", "grain silo", "courthouse steps", "canal lock", "swimming bath", "university gate",
    "potters' lane", "cable car", "bell foundry",
)  # fmt: skip
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

OWNERS: Final = (
    "Harbour", "Meridian", "Continental", "Potomac", "Savanna", "Straits", "Alpine", "Baltic", "Cobalt", "Delta",
    "Equinox", "Fjord", "Granite", "Highland", "Indigo", "Juniper", "Kingfisher", "Lantern", "Monsoon", "Northern",
    "Orchard", "Pacific", "Quarry", "Riverside", "Sunrise", "Tundra", "Upland", "Valley", "Westerly", "Yellowstone",
    "Zenith", "Amber", "Beacon", "Cedar", "Drift", "Ember", "Falcon", "Gazelle", "Heron", "Islet",
)  # fmt: skip
"""Forty owners; the first twenty have two outlets each."""
