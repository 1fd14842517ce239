/**
 * What Maru sells. Nothing here is computed from a visitor: the catalogue is the same for everybody.
 *
 * A model comes in one or more colours, and every colour is a product of its own with its own id,
 * because that is what a shopper puts into the cart and what a recommendation points at.
 */

export const categories = ["shoes", "bags", "belts", "trousers", "jackets", "accessories"];

/** Name in both languages, main colour, and the tone by which people combine what they wear. */
const colours = {
  black: { ko: "블랙", en: "Black", hex: "#2b2a2c", tone: "dark" },
  charcoal: { ko: "차콜", en: "Charcoal", hex: "#4b4d52", tone: "dark" },
  navy: { ko: "네이비", en: "Navy", hex: "#2c3a57", tone: "dark" },
  indigo: { ko: "인디고", en: "Indigo", hex: "#3d5277", tone: "dark" },
  white: { ko: "화이트", en: "White", hex: "#f4f2ec", tone: "light" },
  ivory: { ko: "아이보리", en: "Ivory", hex: "#e9dfc9", tone: "light" },
  stone: { ko: "스톤", en: "Stone", hex: "#c3bba9", tone: "light" },
  silver: { ko: "실버", en: "Silver", hex: "#b9bdc2", tone: "light" },
  chestnut: { ko: "밤색", en: "Chestnut", hex: "#6d3f2a", tone: "earth" },
  tan: { ko: "탄", en: "Tan", hex: "#b27a48", tone: "earth" },
  camel: { ko: "카멜", en: "Camel", hex: "#bf935f", tone: "earth" },
  clay: { ko: "클레이", en: "Clay", hex: "#b0573a", tone: "earth" },
  persimmon: { ko: "감빛", en: "Persimmon", hex: "#c75a2a", tone: "earth" },
  burgundy: { ko: "버건디", en: "Burgundy", hex: "#6e2433", tone: "earth" },
  olive: { ko: "올리브", en: "Olive", hex: "#6b6a43", tone: "earth" },
  pine: { ko: "솔잎색", en: "Pine", hex: "#2f5247", tone: "dark" },
};

const shoeSizes = ["230", "240", "250", "260", "270", "280"];
const clothesSizes = ["S", "M", "L", "XL"];
const beltSizes = ["85", "95", "105"];

/**
 * `price` and `sale` are whole won, which is also the minor unit of KRW.
 * `weight` is how often people ask for the model, 1 (seldom) to 10 (daily).
 */
const models = [
  { id: "dal-loafer", category: "shoes", kind: "loafer", brand: "Dalgil", ko: "달 로퍼", en: "Dal loafer", price: 189000, weight: 9, sizes: shoeSizes,
    colours: ["black", "chestnut"],
    textKo: "발등을 감싸는 소가죽 로퍼. 신을수록 주름이 길을 냅니다.", textEn: "A calfskin loafer that hugs the instep and creases where you walk.",
    madeKo: "소가죽, 가죽 안감, 고무를 덧댄 밑창", madeEn: "Calfskin, leather lining, rubber-tipped sole" },
  { id: "gil-sneaker", category: "shoes", kind: "sneaker", brand: "Dalgil", ko: "길 스니커즈", en: "Gil sneaker", price: 129000, weight: 10, sizes: shoeSizes,
    colours: ["white", "navy", "clay"],
    textKo: "하루 종일 걷는 날을 위한 낮은 스니커즈.", textEn: "A low sneaker for the days you walk from morning to night.",
    madeKo: "가죽과 면 캔버스, 교체할 수 있는 깔창", madeEn: "Leather and cotton canvas, replaceable insole" },
  { id: "san-boot", category: "shoes", kind: "boot", brand: "Ongyeol", ko: "산 첼시 부츠", en: "San Chelsea boot", price: 239000, sale: { tan: 199000 }, weight: 6, sizes: shoeSizes,
    colours: ["black", "tan"],
    textKo: "비 오는 골목도 걱정 없는 첼시 부츠.", textEn: "A Chelsea boot that does not mind a wet alley.",
    madeKo: "왁스 먹인 소가죽, 홈이 깊은 밑창", madeEn: "Waxed calfskin, deeply grooved sole" },
  { id: "naru-sandal", category: "shoes", kind: "sandal", brand: "Ongyeol", ko: "나루 샌들", en: "Naru sandal", price: 98000, weight: 4, sizes: shoeSizes,
    colours: ["camel"],
    textKo: "두 줄 스트랩과 코르크 바닥. 마루에서 마당까지.", textEn: "Two straps on a cork bed, for the way from porch to yard.",
    madeKo: "누벅 가죽, 코르크", madeEn: "Nubuck, cork" },

  { id: "bada-tote", category: "bags", kind: "tote", brand: "Seochon Works", ko: "바다 토트백", en: "Bada tote", price: 158000, weight: 8,
    colours: ["ivory", "black"],
    textKo: "노트북과 장 본 것까지 들어가는 넉넉한 토트백.", textEn: "Roomy enough for a laptop and the groceries.",
    madeKo: "18온스 캔버스, 가죽 손잡이", madeEn: "18 oz canvas, leather handles" },
  { id: "nabi-bag", category: "bags", kind: "crossbody", brand: "Mureut", ko: "나비 크로스백", en: "Nabi crossbody", price: 149000, sale: { burgundy: 119000 }, weight: 7,
    colours: ["burgundy", "pine"],
    textKo: "손이 자유로운 날의 작은 가방.", textEn: "A small bag for a day with both hands free.",
    madeKo: "소가죽, 황동 잠금", madeEn: "Calfskin, brass clasp" },
  { id: "gyeol-pack", category: "bags", kind: "backpack", brand: "Seochon Works", ko: "결 백팩", en: "Gyeol backpack", price: 178000, sale: { olive: 142000 }, weight: 5,
    colours: ["charcoal", "olive"],
    textKo: "등에 붙는 얇은 백팩. 16인치까지 들어갑니다.", textEn: "Slim against the back, and takes up to 16 inches.",
    madeKo: "재생 나일론, 방수 지퍼", madeEn: "Recycled nylon, water-resistant zip" },

  { id: "kkeun-belt", category: "belts", kind: "belt", brand: "Mureut", ko: "끈 클래식 벨트", en: "Kkeun classic belt", price: 69000, weight: 7, sizes: beltSizes,
    colours: ["black", "chestnut"],
    textKo: "로퍼와 같은 가죽으로 만든 벨트.", textEn: "Cut from the same leather as our loafers.",
    madeKo: "통가죽, 스테인리스 버클", madeEn: "Full-grain leather, stainless buckle" },
  { id: "yeokkeum-belt", category: "belts", kind: "woven", brand: "Haru Line", ko: "엮음 벨트", en: "Yeokkeum woven belt", price: 79000, sale: { navy: 59000 }, weight: 4, sizes: beltSizes,
    colours: ["tan", "navy"],
    textKo: "구멍 없이 어디서나 채워지는 엮은 벨트.", textEn: "Woven, so it closes anywhere without holes.",
    madeKo: "왁스 코튼, 황동 버클", madeEn: "Waxed cotton, brass buckle" },
  { id: "sil-belt", category: "belts", kind: "slim", brand: "Haru Line", ko: "실 슬림 벨트", en: "Sil slim belt", price: 59000, weight: 3, sizes: beltSizes,
    colours: ["ivory", "black"],
    textKo: "원피스와 와이드 팬츠에 어울리는 가는 벨트.", textEn: "A narrow belt for dresses and wide trousers.",
    madeKo: "소가죽, 둥근 버클", madeEn: "Calfskin, round buckle" },

  { id: "baram-wide", category: "trousers", kind: "wide", brand: "Ongyeol", ko: "바람 와이드 팬츠", en: "Baram wide trousers", price: 118000, weight: 8, sizes: clothesSizes,
    colours: ["ivory", "charcoal"],
    textKo: "걸을 때 바람이 드나드는 와이드 팬츠.", textEn: "Wide trousers that let the wind in as you walk.",
    madeKo: "면과 리넨", madeEn: "Cotton and linen" },
  { id: "gang-straight", category: "trousers", kind: "straight", brand: "Haru Line", ko: "강 스트레이트 데님", en: "Gang straight denim", price: 109000, sale: { black: 87000 }, weight: 9, sizes: clothesSizes,
    colours: ["indigo", "black"],
    textKo: "곧게 떨어지는 13온스 데님.", textEn: "Straight-cut 13 oz denim.",
    madeKo: "면 100%", madeEn: "100% cotton" },
  { id: "gogae-taper", category: "trousers", kind: "taper", brand: "Ongyeol", ko: "고개 테이퍼드 팬츠", en: "Gogae tapered trousers", price: 125000, weight: 5, sizes: clothesSizes,
    colours: ["olive", "navy"],
    textKo: "주름 두 줄, 발목에서 좁아지는 바지.", textEn: "Two pleats, and narrow at the ankle.",
    madeKo: "울 혼방 개버딘", madeEn: "Wool-blend gabardine" },

  { id: "jip-chore", category: "jackets", kind: "chore", brand: "Seochon Works", ko: "집 워크 재킷", en: "Jip chore jacket", price: 198000, weight: 7, sizes: clothesSizes,
    colours: ["navy", "ivory"],
    textKo: "주머니 셋, 단추 다섯. 매일 걸치는 재킷.", textEn: "Three pockets, five buttons, one jacket for every day.",
    madeKo: "면 트윌, 뿔 단추", madeEn: "Cotton twill, horn buttons" },
  { id: "bi-shell", category: "jackets", kind: "shell", brand: "Haru Line", ko: "비 셸 재킷", en: "Bi rain shell", price: 268000, sale: { stone: 214000 }, weight: 5, sizes: clothesSizes,
    colours: ["stone", "pine"],
    textKo: "장마에도 마르는 가벼운 셸.", textEn: "A light shell that stays dry through the rainy season.",
    madeKo: "3겹 나일론, 봉제선 방수", madeEn: "Three-layer nylon, taped seams" },
  { id: "gyeoul-coat", category: "jackets", kind: "coat", brand: "Mureut", ko: "겨울 코트", en: "Gyeoul coat", price: 398000, weight: 6, sizes: clothesSizes,
    colours: ["camel", "charcoal"],
    textKo: "무릎까지 오는 더블 울 코트.", textEn: "A double-breasted wool coat to the knee.",
    madeKo: "울 90%, 캐시미어 10%", madeEn: "90% wool, 10% cashmere" },

  { id: "haru-watch", category: "accessories", kind: "watch", brand: "Haru Line", ko: "하루 손목시계", en: "Haru watch", price: 245000, weight: 6,
    colours: ["silver", "chestnut"],
    textKo: "숫자를 덜어 낸 조용한 시계.", textEn: "A quiet watch with nothing left to take away.",
    madeKo: "스테인리스 36 mm, 가죽 스트랩", madeEn: "36 mm stainless steel, leather strap" },
  { id: "gaon-cap", category: "accessories", kind: "cap", brand: "Ongyeol", ko: "가온 볼캡", en: "Gaon cap", price: 45000, weight: 6, soldOut: ["pine"],
    colours: ["black", "pine"],
    textKo: "깊게 눌러쓰는 여섯 쪽 볼캡.", textEn: "A deep six-panel cap.",
    madeKo: "워싱 면 트윌", madeEn: "Washed cotton twill" },
  { id: "mok-scarf", category: "accessories", kind: "scarf", brand: "Mureut", ko: "목 머플러", en: "Mok scarf", price: 85000, sale: { charcoal: 68000 }, weight: 5,
    colours: ["persimmon", "charcoal"],
    textKo: "한 번 감으면 충분한 두께의 머플러.", textEn: "Thick enough to wrap only once.",
    madeKo: "램스울", madeEn: "Lambswool" },
  { id: "jari-wallet", category: "accessories", kind: "wallet", brand: "Mureut", ko: "자리 카드지갑", en: "Jari card wallet", price: 62000, sale: { tan: 49000 }, weight: 6,
    colours: ["black", "tan"],
    textKo: "카드 넷과 접은 지폐 한 장의 자리.", textEn: "A place for four cards and one folded note.",
    madeKo: "베지터블 소가죽", madeEn: "Vegetable-tanned calfskin" },
  { id: "haet-glasses", category: "accessories", kind: "glasses", brand: "Dalgil", ko: "햇 선글라스", en: "Haet sunglasses", price: 132000, weight: 3,
    colours: ["chestnut"],
    textKo: "둥근 아세테이트 선글라스.", textEn: "Round sunglasses in acetate.",
    madeKo: "아세테이트, UV400 렌즈", madeEn: "Acetate, UV400 lenses" },
  { id: "bal-socks", category: "accessories", kind: "socks", brand: "Ongyeol", ko: "발 양말", en: "Bal socks", price: 15000, weight: 5,
    colours: ["ivory"],
    textKo: "두툼한 골지 양말 한 켤레.", textEn: "One pair of thick ribbed socks.",
    madeKo: "면 80%, 나일론 20%", madeEn: "80% cotton, 20% nylon" },
];

/** All products, each `{ id, model, category, kind, brand, title: {ko, en}, price, salePrice?, … }`. */
export const products = models.flatMap((model) => model.colours.map((name) => {
  const colour = colours[name];
  return {
    id: `${model.id}-${name}`,
    model: model.id,
    category: model.category,
    kind: model.kind,
    brand: model.brand,
    title: { ko: `${model.ko}, ${colour.ko}`, en: `${model.en}, ${colour.en.toLowerCase()}` },
    text: { ko: model.textKo, en: model.textEn },
    made: { ko: model.madeKo, en: model.madeEn },
    price: model.price,
    salePrice: model.sale?.[name],
    sizes: model.sizes ?? [],
    available: !model.soldOut?.includes(name),
    colour: { ko: colour.ko, en: colour.en, hex: colour.hex },
    tone: colour.tone,
    weight: model.weight,
  };
}));

const byId = new Map(products.map((product) => [product.id, product]));

export const find = (id) => byId.get(id);

/** What the shopper pays for one piece, in whole won. */
export const priceNow = (product) => product.salePrice ?? product.price;

export const inCategory = (category) => products.filter((product) => product.category === category);

export const onSale = () => products.filter((product) => product.salePrice !== undefined);

/** The other colours of the same model, the product itself included, in catalogue order. */
export const coloursOf = (product) => products.filter((other) => other.model === product.model);

/** Other models of the category, most wanted first; second colours come after every model's first. */
export function relatedTo(product) {
  const others = inCategory(product.category).filter((other) => other.model !== product.model).sort((a, b) => b.weight - a.weight);
  const first = oneAModel(others);
  return [...first, ...others.filter((other) => !first.includes(other))];
}

/** The home page's choice: the eight models people ask for most, one colour each. */
export const popular = () => oneAModel(products).sort((a, b) => b.weight - a.weight).slice(0, 8);

/** Products that contain every word of the term in title, brand or category; at most 60 characters are looked at. */
export function search(term, categoryNames) {
  const words = term.slice(0, 60).toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return products.filter((product) => {
    const text = [product.title.ko, product.title.en, product.brand, product.category, ...categoryNames(product.category)]
      .join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function oneAModel(list) {
  const seen = new Set();
  return list.filter(({ model }) => !seen.has(model) && seen.add(model));
}
