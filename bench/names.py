"""Names to invent people with."""

FIRST_NAMES = """
Amina Bram Chaima Daan Elif Finn Guusje Hamza Imane Jip Kenza Lotte Mees Nour Olivia Pim Quinty Rayan Sanne Tijn
Umut Veerle Wessel Xavi Yara Zeynep Adam Bo Cato Dilan Esra Fenna Gijs Hidde Iris Jaylen Kato Lina Mohammed Noor
"""
LAST_NAMES = """
Aydin Bakker Claassen Dekker Evers Fokkema Groen Haddad Isenia Jansen Kaya Linden Maduro Noordam Oduber Peters
Quist Rietveld Smit Timmer Uyar Visser Winklaar Ypma Zwart Azzouz Bos Croes Dirksz Emerencia Franca Geerman
Hernandez Ignacio Janga Koolman Lopez Martina Nicolaas Ooms
"""
FIRST_NAME, LAST_NAME = FIRST_NAMES.split(), LAST_NAMES.split()
