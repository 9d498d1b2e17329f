"""How a date and a number look in each language.

A number's look belongs to a place, not to a language: people on the islands read Dutch papers and write 1.234,50 and
1,234.50 both, and Unicode's tables give Papiamento the English way although the islands' offices use the Dutch one.
So every language has the comma here, and money is written by the organisation that it belongs to, with its currency
always named. An organisation that wants the point says so in its own settings, when there is money to show.
"""
