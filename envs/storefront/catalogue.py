"""The forty products: name, category, price in cents (multiples of 20), months (0 = January 2024) of launch and end."""

from typing import NamedTuple


class Item(NamedTuple):
    """One product as the shop sells it today. `ended` is None while it is still sold."""

    name: str
    category: str
    cents: int
    launched: int
    ended: int | None = None


CATALOGUE = (
    Item("House Blend Beans", "Coffee", 1460, -12),
    Item("Dark Roast Beans", "Coffee", 1660, -12),
    Item("Single Origin Beans", "Coffee", 2200, -3),
    Item("Decaf Beans", "Coffee", 1660, -12, 14),
    Item("Cold Brew Pack", "Coffee", 1900, 4),
    Item("Espresso Pods", "Coffee", 2660, -6),
    Item("Pour Over Kit", "Coffee", 4200, 2),
    Item("Green Sencha", "Tea", 1100, -12),
    Item("Earl Grey Tin", "Tea", 1260, -12),
    Item("Mint Infusion", "Tea", 960, -6),
    Item("Chai Spice Mix", "Tea", 1260, -2),
    Item("Matcha Powder", "Tea", 2960, 3),
    Item("Tea Sampler Box", "Tea", 3400, -12),
    Item("Oolong Reserve", "Tea", 2400, 10),
    Item("Chef Knife", "Kitchen", 7900, -12),
    Item("Cutting Board", "Kitchen", 3200, -12),
    Item("Mixing Bowl Set", "Kitchen", 3860, -4),
    Item("Cast Iron Pan", "Kitchen", 5600, -12),
    Item("Digital Scale", "Kitchen", 2460, 1),
    Item("Glass Kettle", "Kitchen", 5600, 5),
    Item("Spice Grinder", "Kitchen", 2460, -12, 11),
    Item("Linen Throw", "Home", 6400, -12),
    Item("Scented Candle", "Home", 1800, -12),
    Item("Desk Lamp", "Home", 4500, -5),
    Item("Wall Clock", "Home", 3900, -12, 13),
    Item("Storage Basket", "Home", 2760, 2),
    Item("Cotton Sheets", "Home", 8900, -12),
    Item("Ceramic Planter", "Home", 2760, 6),
    Item("Camp Stove", "Outdoor", 6900, -12),
    Item("Steel Bottle", "Outdoor", 2400, -12),
    Item("Hiking Pack", "Outdoor", 11900, -8),
    Item("Folding Chair", "Outdoor", 4400, 3),
    Item("Picnic Blanket", "Outdoor", 3600, -12),
    Item("Headlamp", "Outdoor", 2900, 8),
    Item("Yoga Mat", "Wellness", 3800, -12),
    Item("Foam Roller", "Wellness", 2600, -12),
    Item("Bath Salts", "Wellness", 1400, -3),
    Item("Massage Ball", "Wellness", 900, 1),
    Item("Sleep Mask", "Wellness", 1400, -12),
    Item("Vitamin Drink", "Wellness", 2160, 7, 16),
)
CATEGORIES = ("Coffee", "Tea", "Kitchen", "Home", "Outdoor", "Wellness")
FORECAST_PRODUCTS = (1, 2, 3, 5, 8, 9, 12, 15, 18, 20, 23, 27, 30, 31, 35, 36)
"""The product ids that the forecasting team covers."""
