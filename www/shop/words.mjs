/** Every text of the shop in both languages. Never holds markup: templates and scripts put the texts in as text. */

export const languages = ["ko", "en"];

const ko = {
  shop: "마루", tagline: "신발, 가방, 옷가지. 서울에서 고르고 만듭니다.",
  notice: "모든 주문 무료 배송, 14일 안에 교환과 환불", skip: "본문으로 건너뛰기",
  otherLanguage: "English", otherLanguageLabel: "이 페이지를 영어로 보기",
  menu: "상품 분류", cart: "장바구니", cartCount: "장바구니에 담긴 상품", search: "검색", searchLabel: "상품 검색", event: "겨울맞이",
  categories: { shoes: "신발", bags: "가방", belts: "벨트", trousers: "바지", jackets: "재킷", accessories: "소품" },
  categoryTexts: {
    shoes: "마루 끝에 벗어 두었다가, 다시 신고 나서는 것들.", bags: "하루에 필요한 만큼만 들어가는 가방.",
    belts: "신발과 같은 가죽으로 만든 허리띠.", trousers: "앉고 서고 걷는 데 편한 바지.",
    jackets: "바람이 바뀌는 날에 걸치는 겉옷.", accessories: "작지만 매일 손이 가는 것들.",
  },
  heroTitle: "벗어 두고 쉬는 자리, 다시 신고 나서는 자리", heroText: "오래 신고, 들고, 입을 것만 고릅니다. 해지면 고쳐 드립니다.", heroAction: "신발 보러 가기",
  heroAlt: "한옥 마루에 놓인 가방, 벽에 걸린 재킷, 댓돌 위의 로퍼 한 켤레",
  popular: "많이 찾는 것", sale: "지금 할인", browse: "분류로 보기",
  eventTeaser: "겨울을 여는 마루", eventTeaserText: "따뜻한 것부터 먼저, 12월까지 값을 내렸습니다.", eventAction: "겨울맞이 보기",
  eventTitle: "겨울을 여는 마루", eventText: "문풍지를 바르고 겨울옷을 꺼내는 때. 남은 수량이 적은 색부터 값을 내렸습니다. 12월 31일까지, 다 팔리면 먼저 마칩니다.",
  eventRules: [["기간", "11월 15일부터 12월 31일까지"], ["값", "표시된 값이 할인된 값입니다. 따로 쿠폰은 없습니다."], ["교환", "할인 상품도 14일 안에 교환하고 돌려받을 수 있습니다."]],
  promises: [["고쳐 드립니다", "밑창, 지퍼, 단추. 산 뒤로 3년 동안 수선비를 받지 않습니다."], ["다음 날 닿습니다", "오후 3시 전에 주문하면 서울에는 다음 날 도착합니다."], ["무료로 바꿔 드립니다", "크기가 맞지 않으면 14일 안에 알려 주세요."]],
  price: "값", priceBefore: "할인 전", priceNow: "할인가", soldOut: "품절", soldOutText: "지금은 남은 것이 없습니다.",
  colour: "색", size: "크기", add: "장바구니에 담기", added: "장바구니에 담았습니다.", toCart: "장바구니 보기",
  made: "소재", delivery: "배송", deliveryText: "무료, 1–2일", returns: "교환과 환불", returnsText: "받은 날부터 14일",
  related: "같은 분류의 다른 것", home: "처음", count: (n) => `${n}개`, breadcrumb: "현재 위치",
  searchTitle: "검색", searchFor: (term) => `‘${term}’ 검색 결과`, searchEmpty: "찾는 말을 넣어 주세요.", searchNone: "맞는 상품이 없습니다. 다른 말로 찾거나 분류를 둘러보세요.",
  searchPlaceholder: "로퍼, 코트, Dalgil …",
  cartEmpty: "장바구니가 비어 있습니다.", keepLooking: "계속 둘러보기", quantity: "수량", fewer: "하나 줄이기", more: "하나 늘리기", remove: "빼기", removed: "장바구니에서 뺐습니다.",
  items: "상품", shipping: "배송", free: "무료", total: "합계", order: "주문하기", orderHint: "시연용 상점입니다. 결제도 배송도 일어나지 않습니다.",
  needsScript: "장바구니는 이 기기에만 저장되므로 JavaScript가 필요합니다.",
  doneTitle: "주문을 받았습니다", doneText: "고맙습니다. 시연용 상점이라 물건은 가지 않지만, 마음은 받았습니다.", doneNumber: "주문 번호", doneUnknown: "주문 번호가 없습니다.",
  notFoundTitle: "페이지를 찾지 못했습니다", notFoundText: "주소가 바뀌었거나 잘못 적혔습니다.", badTitle: "주소를 읽지 못했습니다", badText: "주소에 잘못된 글자가 있습니다.", toHome: "처음으로",
  footerAbout: "마루는 Vitrine을 시연하려고 만든 가상의 상점입니다. 여기서는 아무것도 사고팔지 않습니다.",
  forget: "개인정보: 나를 잊어 주세요", forgotten: "이 기기에서 지웠습니다.",
  consentTitle: "무엇을 기억해도 될까요?", consentText: "기억은 이 기기를 떠나지 않습니다. 허락하시면 이름 없는 숫자만 세어 보냅니다.",
  consentNone: "꼭 필요한 것만", consentRemember: "기억해도 좋아요", consentCount: "기억하고 익명으로 세어도 좋아요",
};

const en = {
  shop: "Maru", tagline: "Shoes, bags and things to wear, chosen and made in Seoul.",
  notice: "Free delivery, exchange or refund within 14 days", skip: "Skip to content",
  otherLanguage: "한국어", otherLanguageLabel: "Read this page in Korean",
  menu: "Categories", cart: "Cart", cartCount: "items in the cart", search: "Search", searchLabel: "Search products", event: "Winter",
  categories: { shoes: "Shoes", bags: "Bags", belts: "Belts", trousers: "Trousers", jackets: "Jackets", accessories: "Accessories" },
  categoryTexts: {
    shoes: "What you leave at the edge of the porch, and step back into.", bags: "Bags that hold what a day needs, and no more.",
    belts: "Cut from the same leather as the shoes.", trousers: "Trousers for sitting, standing and walking.",
    jackets: "For the day the wind turns.", accessories: "Small things that the hand finds every day.",
  },
  heroTitle: "Where shoes come off, and where they go back on", heroText: "We choose only what you will wear and carry for years. When it wears out, we mend it.", heroAction: "See the shoes",
  heroAlt: "A tote bag on the floor of a Korean porch, a jacket on the wall, a pair of loafers on the stepping stone",
  popular: "Most asked for", sale: "On sale now", browse: "By category",
  eventTeaser: "Opening the winter porch", eventTeaserText: "Warm things first, at lower prices until the end of December.", eventAction: "See the winter sale",
  eventTitle: "Opening the winter porch", eventText: "The season of papering doors and unpacking wool. We have lowered the price of the colours that are running out. Until 31 December, or until they are gone.",
  eventRules: [["When", "15 November to 31 December"], ["Prices", "The price you see is the sale price. There is no code to enter."], ["Returns", "Sale items too can be exchanged or returned within 14 days."]],
  promises: [["We mend it", "Soles, zips and buttons, free of charge for three years."], ["It is there tomorrow", "Order before 3 pm and it reaches Seoul the next day."], ["We exchange it", "If the size is wrong, tell us within 14 days."]],
  price: "Price", priceBefore: "Was", priceNow: "Now", soldOut: "Sold out", soldOutText: "There are none left at the moment.",
  colour: "Colour", size: "Size", add: "Add to cart", added: "Added to the cart.", toCart: "View cart",
  made: "Material", delivery: "Delivery", deliveryText: "Free, 1–2 days", returns: "Returns", returnsText: "Within 14 days",
  related: "More of the same kind", home: "Home", count: (n) => `${n} ${n === 1 ? "product" : "products"}`, breadcrumb: "You are here",
  searchTitle: "Search", searchFor: (term) => `Results for “${term}”`, searchEmpty: "Type what you are looking for.", searchNone: "Nothing matches. Try another word, or browse the categories.",
  searchPlaceholder: "loafer, coat, Dalgil …",
  cartEmpty: "Your cart is empty.", keepLooking: "Keep looking", quantity: "Quantity", fewer: "One fewer", more: "One more", remove: "Remove", removed: "Removed from the cart.",
  items: "Items", shipping: "Delivery", free: "Free", total: "Total", order: "Order", orderHint: "This is a demonstration: nothing is charged and nothing is sent.",
  needsScript: "The cart is kept on this device only and needs JavaScript.",
  doneTitle: "We have your order", doneText: "Thank you. As this is a demonstration nothing will arrive, but we are glad you came.", doneNumber: "Order number", doneUnknown: "There is no order number.",
  notFoundTitle: "There is no such page", notFoundText: "The address has changed or has a slip in it.", badTitle: "We cannot read this address", badText: "There is a malformed character in it.", toHome: "Back to the start",
  footerAbout: "Maru is an imaginary shop, made to demonstrate Vitrine. Nothing is bought or sold here.",
  forget: "Privacy: forget me", forgotten: "Wiped from this device.",
  consentTitle: "What may we remember?", consentText: "What is remembered stays on this device. If you allow it, only nameless counts are sent.",
  consentNone: "Only what is necessary", consentRemember: "Remember me", consentCount: "Remember me and count anonymously",
};

export const words = { ko, en };

/** The texts that the page's script needs, by name. */
const scriptNames = ["cartCount", "cartEmpty", "keepLooking", "quantity", "fewer", "more", "remove", "removed", "items", "shipping", "free", "total", "order", "orderHint", "size", "added", "forgotten"];

export const scriptWords = (lang) => Object.fromEntries(scriptNames.map((name) => [name, words[lang][name]]));
