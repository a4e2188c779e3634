--
-- recipes.sql: sample data, a table of recipes with plausible dish names.
--
-- Owns the table "recipes", which it creates in the current schema (it must
-- not exist yet), fills and analyzes.  Needs psql 11 or later:
--
--		psql -v ON_ERROR_STOP=1 -f recipes.sql
--		psql -v ON_ERROR_STOP=1 -v recipes=500 -f recipes.sql
--
-- "recipes" is the number of rows in all (10000 unless set, at least 3).  The
-- content of a row depends on its recipe_id only: it is the same on every
-- server, on every run and for every number of rows.
--

\if :{?recipes}
\else
	\set recipes 10000
\endif

CREATE TABLE recipes (
	recipe_id	int PRIMARY KEY,
	recipe_name	varchar(30) NOT NULL
);

INSERT INTO recipes (recipe_id, recipe_name)
VALUES
	(1, 'Tacos'),
	(2, 'Tomato Soup'),
	(3, 'Grilled Cheese');

--
-- The rest is "style ingredient dish", or "ingredient dish" where that would
-- exceed 30 characters.  One recipe in six is a sweet one, with word lists of
-- its own.  The random numbers are 28 bits of an md5 sum, so never negative.
--
INSERT INTO recipes (recipe_id, recipe_name)
WITH words (kind, styles, ingredients, dishes) AS (
	VALUES
	(
		'savoury',
		ARRAY[
			'Autumn', 'Baked', 'Barbecue', 'Blackened', 'Braised', 'Buttery',
			'Cajun', 'Cheesy', 'Chilled', 'Chunky', 'Classic', 'Country',
			'Creamy', 'Creole', 'Crispy', 'Crunchy', 'Easy', 'Family',
			'Farmhouse', 'Fiery', 'Garlic', 'Ginger', 'Glazed', 'Golden',
			'Greek', 'Harvest', 'Hearty', 'Herbed', 'Homestyle', 'Hot',
			'Indian', 'Italian', 'Korean', 'Lemon', 'Loaded', 'Mexican',
			'Moroccan', 'Mustard', 'One-Pot', 'Peppery', 'Persian', 'Pesto',
			'Quick', 'Roasted', 'Rustic', 'Savory', 'Seared', 'Sesame',
			'Simple', 'Slow', 'Smoky', 'Spanish', 'Spicy', 'Spring',
			'Summer', 'Sunday', 'Tangy', 'Thai', 'Toasted', 'Tuscan',
			'Warm', 'Weeknight', 'Winter', 'Zesty'
		],
		ARRAY[
			'Artichoke', 'Asparagus', 'Bacon', 'Barley', 'Bean', 'Beef',
			'Beetroot', 'Black Bean', 'Broccoli', 'Butternut', 'Cabbage',
			'Carrot', 'Cauliflower', 'Cheddar', 'Chicken', 'Chickpea',
			'Chorizo', 'Clam', 'Cod', 'Corn', 'Crab', 'Duck', 'Eggplant',
			'Fennel', 'Feta', 'Goat Cheese', 'Halloumi', 'Ham', 'Kale',
			'Lamb', 'Leek', 'Lentil', 'Lobster', 'Mackerel', 'Meatball',
			'Mushroom', 'Mussel', 'Okra', 'Onion', 'Parsnip', 'Pea', 'Pepper',
			'Pork', 'Potato', 'Prawn', 'Pumpkin', 'Quinoa', 'Red Pepper',
			'Ricotta', 'Salmon', 'Sausage', 'Scallop', 'Shrimp', 'Spinach',
			'Squash', 'Steak', 'Sweet Potato', 'Tempeh', 'Tofu', 'Tomato',
			'Trout', 'Tuna', 'Turkey', 'Zucchini'
		],
		ARRAY[
			'Bake', 'Bowl', 'Burger', 'Burrito', 'Cannelloni', 'Casserole',
			'Chili', 'Chowder', 'Croquettes', 'Curry', 'Dumplings',
			'Empanadas', 'Enchiladas', 'Fajitas', 'Flatbread', 'Frittata',
			'Fritters', 'Gnocchi', 'Goulash', 'Gratin', 'Gumbo', 'Hash',
			'Hotpot', 'Jambalaya', 'Kebabs', 'Lasagna', 'Linguine', 'Noodles',
			'Omelette', 'Paella', 'Pasta', 'Patties', 'Pie', 'Pilaf', 'Pizza',
			'Quesadilla', 'Quiche', 'Ragout', 'Ramen', 'Ravioli', 'Risotto',
			'Salad', 'Samosas', 'Sandwich', 'Skewers', 'Soup', 'Spaghetti',
			'Stew', 'Stir-Fry', 'Tacos', 'Tagine', 'Tart', 'Toast',
			'Tortellini', 'Turnovers', 'Wrap'
		]
	),
	(
		'sweet',
		ARRAY[
			'Almond', 'Baked', 'Birthday', 'Brown Sugar', 'Buttermilk',
			'Caramel', 'Chocolate', 'Cinnamon', 'Classic', 'Coconut', 'Creamy',
			'Crunchy', 'Easy', 'Farmhouse', 'Festive', 'Frosted', 'Gingered',
			'Glazed', 'Golden', 'Hazelnut', 'Holiday', 'Homestyle', 'Honey',
			'Iced', 'Layered', 'Maple', 'Mini', 'Nutty', 'Oatmeal',
			'Old-Time', 'Pecan', 'Rustic', 'Simple', 'Spiced', 'Sticky',
			'Summer', 'Toffee', 'Vanilla', 'Walnut', 'Warm'
		],
		ARRAY[
			'Apple', 'Apricot', 'Banana', 'Berry', 'Blackberry', 'Blueberry',
			'Cherry', 'Clementine', 'Cranberry', 'Currant', 'Date', 'Fig',
			'Gooseberry', 'Grape', 'Grapefruit', 'Key Lime', 'Kiwi', 'Lemon',
			'Lime', 'Mango', 'Nectarine', 'Orange', 'Papaya', 'Peach', 'Pear',
			'Pineapple', 'Plum', 'Quince', 'Raisin', 'Raspberry', 'Rhubarb',
			'Strawberry'
		],
		ARRAY[
			'Bars', 'Biscuits', 'Bread', 'Buns', 'Cake', 'Cheesecake',
			'Cobbler', 'Compote', 'Cookies', 'Crisp', 'Crumble', 'Cupcakes',
			'Custard', 'Danish', 'Fool', 'Galette', 'Ice Cream', 'Loaf',
			'Mousse', 'Muffins', 'Pancakes', 'Parfait', 'Pavlova', 'Pie',
			'Pudding', 'Scones', 'Sponge', 'Strudel', 'Tart', 'Trifle',
			'Turnovers', 'Waffles'
		]
	)
),
rolls AS (
	SELECT
		i,
		('x' || substr(md5('kind' || i), 1, 7))::bit(28)::int AS kind,
		('x' || substr(md5('style' || i), 1, 7))::bit(28)::int AS style,
		('x' || substr(md5('ingredient' || i), 1, 7))::bit(28)::int AS ingredient,
		('x' || substr(md5('dish' || i), 1, 7))::bit(28)::int AS dish
	FROM generate_series(4, :recipes) AS i
),
picks AS (
	SELECT
		r.i,
		w.styles[1 + r.style % cardinality(w.styles)] AS style,
		w.ingredients[1 + r.ingredient % cardinality(w.ingredients)] AS ingredient,
		w.dishes[1 + r.dish % cardinality(w.dishes)] AS dish
	FROM rolls AS r
	JOIN words AS w ON w.kind = CASE WHEN r.kind % 6 = 0 THEN 'sweet' ELSE 'savoury' END
)
SELECT
	i,
	CASE
		WHEN length(style || ' ' || ingredient || ' ' || dish) <= 30
		THEN style || ' ' || ingredient || ' ' || dish
		ELSE ingredient || ' ' || dish
	END
FROM picks
ORDER BY i;

ANALYZE recipes;
