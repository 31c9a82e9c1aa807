/** Where road trips go: cities with their position, and the roads between them. */

export interface City {
  readonly name: string;
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** The most visited ones first: they are drawn by Zipf's law. */
const CITIES = `
Paris FR 48.857 2.352|Barcelona ES 41.387 2.170|Rome IT 41.903 12.496|London GB 51.507 -0.128
Berlin DE 52.520 13.405|Munich DE 48.135 11.582|Vienna AT 48.208 16.373|Amsterdam NL 52.374 4.890
Prague CZ 50.088 14.421|Milan IT 45.464 9.190|Nice FR 43.710 7.262|Lisbon PT 38.722 -9.139
Edinburgh GB 55.953 -3.188|Florence IT 43.770 11.256|Salzburg AT 47.809 13.055|Lyon FR 45.764 4.836
Seville ES 37.389 -5.984|Hamburg DE 53.551 9.994|Venice IT 45.441 12.316|Copenhagen DK 55.676 12.568
Marseille FR 43.296 5.370|Madrid ES 40.417 -3.704|Budapest HU 47.498 19.040|Zurich CH 47.377 8.541
Brussels BE 50.850 4.352|Bruges BE 51.209 3.225|Porto PT 41.158 -8.629|Dublin IE 53.350 -6.260
Bordeaux FR 44.838 -0.579|Innsbruck AT 47.269 11.404|Cologne DE 50.938 6.960|Krakow PL 50.065 19.945
Naples IT 40.852 14.268|Granada ES 37.177 -3.599|Strasbourg FR 48.573 7.752|Geneva CH 46.204 6.143
Stockholm SE 59.329 18.069|Oslo NO 59.914 10.752|Bergen NO 60.393 5.324|Galway IE 53.271 -9.057
Valencia ES 39.470 -0.376|Turin IT 45.070 7.687|Dresden DE 51.050 13.738|Ljubljana SI 46.057 14.506
Split HR 43.508 16.440|Dubrovnik HR 42.650 18.094|Zagreb HR 45.815 15.982|Inverness GB 57.478 -4.225
York GB 53.959 -1.082|Bath GB 51.381 -2.359|Freiburg DE 47.999 7.842|Nuremberg DE 49.452 11.077
Dijon FR 47.322 5.041|Toulouse FR 43.605 1.444|Biarritz FR 43.483 -1.559|Siena IT 43.319 11.331
Bologna IT 44.494 11.343|Bern CH 46.948 7.447|Lucerne CH 47.050 8.305|Warsaw PL 52.230 21.012
Gdansk PL 54.352 18.647|Malmo SE 55.605 13.004|Gothenburg SE 57.709 11.975|Trieste IT 45.650 13.777`;

export const cities: readonly City[] = CITIES.trim()
  .split(/[|\n]/)
  .map((line) => {
    const [name, country, latitude, longitude] = line.split(' ');
    return { name, country, latitude: Number(latitude), longitude: Number(longitude) };
  });

/** Good enough between 40 and 55 degrees north; sine and cosine are not the same on every machine. */
export function kilometres(from: Point, to: Point): number {
  const north = (to.latitude - from.latitude) * 111;
  const east = (to.longitude - from.longitude) * 74;
  return Math.sqrt(north * north + east * east);
}

export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

const NEIGHBOURS = 3;

/** By city: the nearest others, which roads lead to. */
const roads: ReadonlyMap<City, readonly City[]> = new Map(
  cities.map((city) => {
    const others = cities.filter((other) => other !== city);
    return [city, others.sort((a, b) => kilometres(city, a) - kilometres(city, b)).slice(0, NEIGHBOURS)];
  }),
);

export const neighboursOf = (city: City): readonly City[] => roads.get(city)!;
