"""Invented names for an invented year. No school, child or teacher here exists."""

FIRST_NAMES = (
    "Aaliyah Adam Aisha Alessio Amir Anouk Aron Aya Ayoub Bilal Bo Bram Cas Ceylin Chaima Chloë Daan Dina Djenna "
    "Dylan Ebrar Efe Elif Emir Esmée Eva Farah Fatou Fenna Finn Giovanni Guus Hafsa Hamza Hidde Ilias Imane "
    "Inaya Isa Iwan Jada Jamal Jayden Jaylen Jip Joëlle Juna Kaan Kevin Kofi Lara Levi Lina Lotte Luuk Maame "
    "Malak Mees Mehmet Mila Milan Mohamed Naomi Nassim Nina Noëlle Nora Nour Olaf Omar Oumaima Pip Quincy Rania "
    "Rayan Renzo Rosa Saar Salma Sami Sara Sem Shanice Silvio Sofia Soufian Stijn Tess Thijs Tygo Umut Vajen "
    "Yara Yassin Younes Yusuf Zahra Zeynep Zoë"
).split()
ISLAND_FIRST_NAMES = (
    "Aidan Alisha Brandon Carlito Chantal Curley Darwin Desmond Dion Evelyn Gilberto Gino Hensley Ingemar Jairon "
    "Jeandro Jolinda Joshuel Juliënne Kimberly Lionel Lucresia Marlon Maydeline Mishael Natasha Nigel Quinten "
    "Raymi Rosalin Rudsel Shardenë Sheldry Suëly Tamara Urvin Vianelly Wensley Xiomara Yandro Yurayma Zulaika"
).split()
LAST_NAMES = (
    "Abdi|Aksoy|Amrani|Asante|Bakker|Ben Salah|Bouali|Boateng|Çelik|de Graaf|de Jong|de la Cruz|Demir|Dijkstra|"
    "el Idrissi|Ferreira|Güler|Haddad|Hendriks|Jansen|Kaplan|Kaya|Keijzer|Koster|Kuipers|Lieveld|Mensah|Mulder|"
    "Nasser|Özdemir|Pinas|Postma|Rahimi|Ramdin|Sahin|Schouten|Smit|Tahiri|Tjon A Loi|van Dam|van den Berg|"
    "van der Meer|van Dijk|van ’t Hof|Veenstra|Verhoeven|Visser|Wong|Yıldız|Zwart"
).split("|")
ISLAND_LAST_NAMES = (
    "Albertus|Anastacia|Balentien|Bernadina|Candelaria|Cijntje|Daal|Djaoen|Eleonora|Felicia|Girigori|Hooi|Isenia|"
    "Janga|Koeiman|Leonora|Maduro|Martis|Nicolaas|Obersi|Pieternella|Rosario|Schoop|Tromp|Valpoort|Winklaar|"
    "Zimmerman"
).split("|")
PREFIXES = ("van den", "van der", "de la", "van ’t", "van", "de", "el")

SCHOOLS = {  # name: its groups of groep 5 to 8; none of these names is in the register of Dutch schools
    "De Klankkast": ("5A", "5B", "6A", "7"),
    "De Maatstok": ("5B", "6B", "7A", "8A"),
    "De Toverfluit": ("5", "6", "7", "8"),
    "De Kromhoorn": ("5A", "6A", "7A"),
    "De Wolkenfabriek": ("5/6", "6", "7", "8"),
    "De Zeven Snaren": ("5", "6", "7"),
    "Het Draaiorgel": ("5A", "5B", "6", "7"),
    "De Papieren Vogel": ("5", "6/7", "8"),
    "Het Waterorgel": ("5", "6", "7", "8"),
    "De Vlaggenmast": ("5A", "6A", "7A"),
}
ISLAND_SCHOOLS = {"Skol Kadushi": ("5", "6"), "Skol Watapana": ("5", "6", "7")}

TEAMS = (  # four teachers who visit a school together: strings, woodwind, brass, percussion
    (("Noor de Wit", "noor"), ("Lara Oosterhuis", "lara"), ("Okan Arslan", "okan"), ("Ravi Soekhai", "ravi")),
    (("Eva Prins", "eva"), ("Mees Kolk", "mees"), ("Bas Kramer", "bas"), ("Kofi Owusu", "kofi")),
    (("Daan Vermeer", "daan"), ("Fatima Zahri", "fatima"), ("Jelle Haan", "jelle"), ("Tirza Levison", "tirza")),
)
FREELANCER = ("Sien Bakker", "sien")  # stands in
ISLAND_TEAM = (
    ("Shurmila Daal", "shurmila"),
    ("Rendel Janga", "rendel"),
    ("Edsel Koeiman", "edsel"),
    ("Nayra Isenia", "nayra"),
)
STAFF = {  # role: name and e-mail, Amsterdam and Curaçao
    "coordinator": (("Sam Visser", "sam"), ("Luca Martina", "luca")),
    "depot_keeper": (("Joost Bos", "joost"), ("Ruthline Schoop", "ruthline")),
    "office": (("Ola Kok", "ola"), ("Mirto Winklaar", "mirto")),
}
WORKSHOP = "Atelier Oost"
REPAIRERS = {"workshop_master": ("Bram Vos", "bram"), "trainee": ("Yara Haile", "yara")}
HEAD = ("Hanna Smit", "hanna")  # of the first school
