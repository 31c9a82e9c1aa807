/** What the stories are about. Within a list, the frequent words come first. */

const list = (words: string): readonly string[] => words.trim().split(/\s+/);

export const interests = list(`
  history food nature architecture legends music castles art wine hiking coast mountains literature film trains markets
  folklore geology gardens birds railways bridges lighthouses monasteries battlefields crafts cycling astronomy ghosts
  photography football volcanoes waterfalls caves festivals sculpture inventors shipwrecks pilgrims espionage`);

export const things = list(`
  bridge castle church road river tower market village harbour forest garden inn mill square abbey lighthouse tunnel
  theatre palace cathedral valley station gate fountain quarry vineyard canal monastery viaduct fortress chapel island
  library brewery orchard lagoon windmill observatory cemetery amphitheatre aqueduct pier waterfall cave glacier dam
  shipyard battlefield hermitage racecourse foundry ferry crypt labyrinth menhir bastion dovecote icehouse sundial
  beacon belfry causeway cloister colonnade drawbridge funicular grotto hospice kiln ledger maypole nunnery obelisk
  pavilion ropeway saltworks tannery turnpike vault weir arboretum barrow carillon distillery esplanade forge granary`);

export const people = list(`
  farmer king merchant painter soldier widow priest queen sailor miller smith fisherman poet shepherd engineer monk
  duke carpenter smuggler baker composer architect bishop spy pilgrim gardener cook clockmaker novelist highwayman
  mountaineer botanist astronomer cartographer innkeeper glassblower beekeeper violinist alchemist lacemaker ferryman
  bellringer stonemason falconer apothecary puppeteer gravedigger midwife balloonist cellist chemist explorer governess
  juggler knight lamplighter mathematician notary organist photographer saddler tailor vintner watchman weaver archer`);

export const adjectives = list(`
  old small quiet famous forgotten narrow ruined golden steep hidden wooden haunted crooked abandoned lonely windy
  marble painted sunken frozen enormous flooded medieval baroque whitewashed ivy-covered half-finished rebuilt cursed
  moonlit octagonal secret thatched unfinished vaulted walled bombed celebrated dusty fortified gilded leaning mossy`);

export const events = list(`
  wedding flood fire siege harvest storm feast duel strike robbery eclipse festival earthquake plague coronation
  shipwreck avalanche rebellion auction betrayal escape treaty tournament miracle procession trial mutiny race winter
  concert explosion drought banquet election heist funeral regatta landslide abdication blockade census jubilee`);

/** Each letter in braces is replaced by a word of a list: thing, person, adjective, event, city, year. */
export const sentences = `
In {y} a {p} came to the {a} {t}, and the {e} that followed is still talked about.
Look to the left: the {a} {t} was built by a {p} from {c}.
Nobody in {c} believed the {p} until the {e} of {y}.
The {t} stands where a {a} {t} stood before the {e}.
Every spring a {p} leaves flowers at the {t}, for reasons that only a {p} would know.
After the {e} the {p} sold the {t} for the price of a horse.
Travellers from {c} used to stop here and ask the {p} for the way.
They say that on {a} nights a {p} walks from the {t} down to the {t}.
The road bends here because a {p} refused to give up a {a} {t}.
Two hundred people watched the {e} from the {t} in {y}.
A {a} {t} and a {a} {t} are all that the {e} left.
What the {p} found under the {t} changed the life of a {p} in {c}.
It took eleven years to finish the {t}, and one {e} to lose it.
Slow down after the next bend, and you will see the {t} of the {p}.
Until {y} the {p} rang a bell whenever a coach from {c} reached the {t}.
The letters of the {p} describe the {e} better than any book.`
  .trim()
  .split('\n');

export const voices = list('calm cheerful dramatic whispering documentary');
export const weathers = list('sunny cloudy rainy foggy snowy stormy');
export const moods = list('relaxed curious adventurous romantic family');
export const categories = [
  'hotel',
  'restaurant',
  'campsite',
  'museum',
  'concert hall',
  'park',
  'theatre',
  'stadium',
] as const;
export const firstNames = list(`
  Anna Ben Clara David Emma Felix Greta Hugo Ines Jonas Karin Luca Marta Nils Olga Paul Quentin Rosa Simon Tessa Ugo
  Vera Walter Xenia Yannick Zoe Amelie Bruno Carla Dario Elena Fabian Giulia Henrik Irene Jan Kaja Leon Mia Noah`);
export const lastNames = list(`
  Muller Rossi Martin Garcia Novak Jansen Silva Smith Berg Dubois Weber Costa Kowalski Horvat Murphy Nielsen Moreau
  Fischer Ricci Santos Keller Lindberg Byrne Maier Bianchi Laurent Vidal Bakker Hansen Wolf Greco Ferrari Blanc Hofer`);
