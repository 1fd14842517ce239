/* What the preview's panel says, in both languages. Never holds markup. Why a
   campaign is not shown is said by the studio's own sentences. */

const en = {
  name: "Preview", title: "Preview of a draft",
  about: (until) => `Only who has this address sees it, until ${until}. Nothing is counted, and nothing of your own visits is touched.`,
  move: "Move to the other side", fold: "Fold away", unfold: "Open the preview’s panel",
  campaigns: "Campaigns of the draft", none: "The draft has no campaigns.", waiting: "The draft is being loaded…",
  unexplained: "Why each campaign is shown or not cannot be said: the studio’s files did not come.",
  chosen: (message) => `You chose \`${message}\`. Press it again to see what was decided.`,
  show: (campaign) => `Show a message of ${campaign}`,
  kinds: { bar: "bar", modal: "modal", products: "products" },
  unseen: (message) => `Due, but not in its place: \`${message}\` would move what is in view, or has no product to show.`,
  noPlace: (message) => `\`${message}\` has no place on this page: go to one that has its slot.`,
  noProduct: (message) => `\`${message}\` has no product to show here, or the site has no model yet.`,
  startOver: "New visitor", startOverHint: "Forget this preview’s visitor, and look with new eyes", leave: "Leave preview",
};

const ko = {
  name: "미리보기", title: "초안 미리보기",
  about: (until) => `이 주소를 아는 사람만 ${until}까지 볼 수 있습니다. 아무것도 집계하지 않고, 내 방문 기록도 건드리지 않습니다.`,
  move: "반대쪽으로 옮기기", fold: "접기", unfold: "미리보기 창 펼치기",
  campaigns: "초안의 캠페인", none: "초안에 캠페인이 없습니다.", waiting: "초안을 불러오는 중…",
  unexplained: "캠페인이 보이거나 보이지 않는 까닭을 알 수 없습니다. 스튜디오 파일을 불러오지 못했습니다.",
  chosen: (message) => `\`${message}\` 메시지를 골랐습니다. 다시 누르면 원래대로 돌아갑니다.`,
  show: (campaign) => `${campaign}의 메시지 보기`,
  kinds: { bar: "바", modal: "모달", products: "상품" },
  unseen: (message) => `보일 차례이지만 자리에 없음: \`${message}\` 메시지가 보이는 화면을 밀어내거나, 보여 줄 상품이 없음.`,
  noPlace: (message) => `이 페이지에는 \`${message}\` 자리가 없습니다. 그 슬롯이 있는 페이지로 가세요.`,
  noProduct: (message) => `\`${message}\`에 보여 줄 상품이 없거나, 사이트에 아직 모델이 없습니다.`,
  startOver: "새 방문자로", startOverHint: "이 미리보기의 방문자를 잊고 처음 온 사람으로 봅니다", leave: "미리보기 끝내기",
};

const isKorean = () => /^ko\b/i.test(document.documentElement.lang);

export const words = () => (isKorean() ? ko : en);
export const language = () => (isKorean() ? "ko" : "en");
/* Of what the studio says in both. */
export const spoken = ({ sentence, sentence_ko: korean }) => (isKorean() && korean) || sentence || "";
