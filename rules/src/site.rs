//! What holds for the whole file: the site, its money, its slots and goals.
//! Never reads a campaign.

use jiff::tz::TimeZone;
use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;
use vitrine_engine::event::PURCHASE;
use vitrine_engine::kind::Kinds;
use vitrine_engine::plan::{Goal, Grid, Place, Position, Slot};
use vitrine_engine::profile::{Band, HALF_LIFE, Terms};
use vitrine_engine::template::Currency;
use vitrine_engine::time::DAY;

use crate::calendar;
use crate::desk::Desk;
use crate::money;
use crate::notes::{did_you_mean, quote};
use crate::read::{self, Fields};
use crate::words;

/// The only version of the language.
const VERSION: i64 = 1;
/// Price bands of one file: nobody prices in more steps.
const BAND_LIMIT: usize = 12;
/// How long after the draw a goal counts where the file says nothing.
const WINDOW: u64 = 7 * DAY;
/// Slots and goals of one file, each.
const PLACE_LIMIT: usize = 100;
/// The greatest height that a slot may ask for, in CSS pixels.
const HEIGHT_LIMIT: i64 = 2_000;
/// The longest selector, in characters.
const SELECTOR_CHARS: usize = 200;

/// The goal of campaigns that name none.
pub(crate) const DEFAULT_GOAL: &str = "purchase";

/// What holds for the whole file.
pub(crate) struct Site {
    pub site: String,
    pub currency: Currency,
    pub terms: Terms,
    pub grid: Grid,
    pub zone: TimeZone,
}

impl Desk<'_> {
    /// The site, its money and its clock.
    pub fn site(&mut self, fields: &Fields) -> Option<Site> {
        let what = &say!(en: "the rule file", ko: "규칙 파일");
        if let Some(value) = fields.need("version", what, &mut self.notes) {
            self.version(value);
        }
        if let Some(value) = fields.get("$schema") {
            read::text(value, "`$schema`", &mut self.notes);
        }
        let site = fields.need("site", what, &mut self.notes).and_then(|value| self.site_name(value));
        let currency = fields.need("currency", what, &mut self.notes).and_then(|value| self.currency(value));
        let zone = fields.get_or("timezone", TimeZone::UTC, |value| self.time_zone(value));
        self.minor_per_unit = currency.as_ref().map_or(1, |(currency, _)| money::minor_per_unit(currency));
        let interest = fields.get_or("interest", (HALF_LIFE, Vec::new()), |value| self.interest(value));
        let grid = match (fields.get("revenue"), &currency) {
            (Some(value), _) => self.grid(value, currency.as_ref()),
            (None, Some((_, grid))) => Some(*grid),
            (None, None) => None,
        };
        let (site, (currency, _), zone, grid) = (site?, currency?, zone?, grid?);
        let (half_life, bands) = interest?;
        let terms = Terms {
            zone: calendar::compile(&zone),
            half_life,
            minor_per_unit: self.minor_per_unit,
            bands,
            // The table of conditions knows them, at the end.
            kinds: Kinds::default(),
            sites: fields.get("rareSites").and_then(|value| self.rare_sites(value)).unwrap_or_default(),
        };
        Some(Site { site, currency, terms, grid, zone })
    }

    fn version(&mut self, value: &Value) {
        let is_ours = value.as_number_lit().is_some_and(|number| number.value == VERSION.to_string());
        if !is_ours {
            let said = say!(
                en: "`version` must be {version}, the only version of this language",
                ko: "`version`은 {version:여<}야 합니다. 규칙 언어의 버전은 그것뿐입니다",
                version = VERSION,
            );
            self.notes.error(value.start(), "bad_value", said);
        }
    }

    fn site_name(&mut self, value: &Value) -> Option<String> {
        let text = read::text(value, "`site`", &mut self.notes)?;
        let what = say!(en: "the site", ko: "사이트");
        read::check_id((&text.value, value.start()), what, &[], &mut self.notes)
            .then(|| text.value.to_string())
    }

    fn currency(&mut self, value: &Value) -> Option<(Currency, Grid)> {
        let text = read::text(value, "`currency`", &mut self.notes)?;
        let known = money::currency(&text.value);
        if known.is_none() {
            let said = say!(
                en: "{code} is no currency; write its three-letter code as in `KRW` or `EUR`",
                ko: "{code:은<} 통화가 아닙니다. `KRW`나 `EUR`처럼 세 글자 코드로 쓰세요",
                code = quote(&text.value),
            );
            let said = did_you_mean(said, &text.value, money::codes());
            self.notes.error_like(value.start(), "bad_value", said);
        }
        known
    }

    fn interest(&mut self, value: &Value) -> Option<(u64, Vec<Band>)> {
        let fields = Fields::of(value, "`interest`", words::INTEREST, &mut self.notes)?;
        let half_life = fields
            .get_or("halfLife", HALF_LIFE, |value| read::duration(value, "`halfLife`", &mut self.notes));
        let bands = fields.get_or("priceBands", Vec::new(), |value| self.bands(value));
        Some((half_life?, bands?))
    }

    /// Price bands by name: `[from, below]`, or `[from]` without an end.
    fn bands(&mut self, value: &Value) -> Option<Vec<Band>> {
        let object = read::object(value, "`priceBands`", &mut self.notes)?;
        if object.properties.len() > BAND_LIMIT {
            let said = say!(
                en: "there may be {most} price bands", ko: "가격대는 {most}개까지 둘 수 있습니다",
                most = BAND_LIMIT,
            );
            self.notes.error(value.start(), "limit", said);
            return None;
        }
        read::all(object.properties.iter().map(|band| self.band(band)))
    }

    fn band(&mut self, band: &ObjectProp) -> Option<Band> {
        let name = band.name.as_str();
        self.bands.insert(name.into());
        let what = say!(en: "a price band", ko: "가격대");
        let is_name = read::check_id((name, band.range.start), what, &[], &mut self.notes);
        let list = read::list(&band.value, quote(name), &mut self.notes)?;
        let bounds = read::all(list.iter().map(|bound| self.minor(bound, &quote(name))))?;
        let (from, below) = match bounds.as_slice() {
            [from] => (*from, u64::MAX),
            [from, below] if from < below => (*from, *below),
            _ => {
                let said = say!(
                    en: "{name} is no price band: write `[from, below]` with the smaller amount first, or `[from]` for one without an end",
                    ko: "{name:은<} 가격대가 아닙니다. 작은 금액부터 `[from, below]`로 쓰고, 끝이 없으면 `[from]`으로 쓰세요",
                    name = quote(name),
                );
                self.notes.error(band.value.start(), "bad_value", said);
                return None;
            }
        };
        is_name.then(|| Band { name: name.into(), from, below })
    }

    /// The revenue grid, written in main units, kept in minor ones.
    fn grid(&mut self, value: &Value, currency: Option<&(Currency, Grid)>) -> Option<Grid> {
        let fields = Fields::of(value, "`revenue`", words::REVENUE, &mut self.notes)?;
        // Without a currency the numbers are still checked, as if it were won.
        let per_unit = currency.map_or(1, |(currency, _)| money::minor_per_unit(currency));
        let usual = currency.map_or(Grid::default(), |(_, grid)| *grid);
        let step = fields.get_or("round", usual.step, |value| self.amount(value, "`round`", per_unit));
        let clip = fields.get_or("clip", usual.clip.max(step.unwrap_or_default()), |value| {
            self.amount(value, "`clip`", per_unit)
        });
        let (step, clip) = (step?, clip?);
        if step > clip {
            let said = say!(
                en: "`round` is more than `clip`, so every amount would be 0 or one step",
                ko: "`round`가 `clip`보다 커서 모든 금액이 0이나 한 단위가 됩니다",
            );
            self.notes.error(value.start(), "conflict", said);
            return None;
        }
        Some(Grid { step, clip })
    }

    fn amount(&mut self, value: &Value, what: &str, per_unit: u32) -> Option<u64> {
        let minor = read::number(value, what, &mut self.notes)? * f64::from(per_unit);
        // An amount such as 0.29 is not exact in binary; a hundredth of a
        // minor unit is far below what anybody writes.
        let whole = minor.round();
        if (minor - whole).abs() > 0.01 || !(1.0..=money::CLIP_LIMIT as f64).contains(&whole) {
            let said = say!(
                en: "{what} must be an amount from the smallest coin to {most} of the currency's units",
                ko: "{what:은<} 통화의 가장 작은 단위부터 {most}까지의 금액이어야 합니다",
                what, most = money::CLIP_LIMIT / u64::from(per_unit),
            );
            self.notes.error(value.start(), "bad_value", said);
            return None;
        }
        Some(whole as u64)
    }

    /// The slots that the file declares, in its order.
    pub fn slots(&mut self, value: &Value) -> Vec<Slot> {
        let Some(object) = self.places(value, "`slots`") else { return Vec::new() };
        let mut slots = Vec::new();
        for property in &object.properties {
            let name = property.name.as_str();
            if words::OVERLAYS.contains(&name) {
                let said = say!(
                    en: "the slot {name} stands over every page and is not declared",
                    ko: "슬롯 {name:은<} 모든 페이지 위에 있어 선언하지 않습니다",
                    name = quote(name),
                );
                self.notes.error(property.range.start, "bad_id", said);
                continue;
            }
            let what = say!(en: "the slot", ko: "슬롯");
            read::check_id((name, property.range.start), what, &[], &mut self.notes);
            if let Some(place) = self.slot(name, &property.value) {
                slots.push(Slot { id: name.into(), place });
            }
        }
        slots
    }

    fn places<'t, 'v>(&mut self, value: &'t Value<'v>, what: &str) -> Option<&'t Object<'v>> {
        let object = read::object(value, what, &mut self.notes)?;
        if object.properties.len() > PLACE_LIMIT {
            let said = say!(
                en: "{what} has more than {most} entries", ko: "{what}에 든 것이 {most}개보다 많습니다",
                what, most = PLACE_LIMIT,
            );
            self.notes.error(value.start(), "limit", said);
            return None;
        }
        Some(object)
    }

    fn slot(&mut self, name: &str, value: &Value) -> Option<Place> {
        let what = say!(en: "slot {name}", ko: "슬롯 {name}", name = quote(name));
        let fields = Fields::of(value, &what, words::SLOT, &mut self.notes)?;
        let selector = fields
            .get_or("selector", format!("[data-vitrine-slot=\"{name}\"]"), |value| self.selector(value));
        let position = fields.get_or("position", "inside", |value| {
            read::word(value, "`position`", &["inside", "before", "after"], &mut self.notes)
        });
        let min_height = fields.get_or("minHeight", 0, |value| self.height(value));
        let position = match position? {
            "before" => Position::Before,
            "after" => Position::After,
            _ => Position::Inside,
        };
        Some(Place::Inline { selector: selector?, position, min_height: min_height? })
    }

    fn selector(&mut self, value: &Value) -> Option<String> {
        let text = read::text(value, "`selector`", &mut self.notes)?;
        let odd = |c: char| c.is_control() || "{};<".contains(c);
        if text.value.contains(odd) || text.value.chars().count() > SELECTOR_CHARS {
            let said = say!(
                en: "{text} is no CSS selector; write it as in `#hero` or `main > .banner`",
                ko: "{text:은<} CSS 선택자가 아닙니다. `#hero`나 `main > .banner`처럼 쓰세요",
                text = quote(&text.value),
            );
            self.notes.error(value.start(), "bad_value", said);
            return None;
        }
        Some(text.value.to_string())
    }

    fn height(&mut self, value: &Value) -> Option<u16> {
        let text = read::text(value, "`minHeight`", &mut self.notes)?;
        let digits = text.value.strip_suffix("px").filter(|d| d.bytes().all(|byte| byte.is_ascii_digit()));
        let height =
            digits.and_then(|digits| digits.parse().ok()).filter(|px| (0..=HEIGHT_LIMIT).contains(px));
        if height.is_none() {
            let said = say!(
                en: "`minHeight` is {text}, but must be pixels such as `260px`, at most `{most}px`",
                ko: "`minHeight`가 {text}인데, `260px`처럼 픽셀로 쓰고 `{most}px`을 넘지 않아야 합니다",
                text = quote(&text.value), most = HEIGHT_LIMIT,
            );
            self.notes.error(value.start(), "bad_value", said);
        }
        height.map(|px| px as u16)
    }

    /// The goals that the file declares, in its order.
    pub fn goals(&mut self, value: &Value) -> Vec<Goal> {
        let Some(object) = self.places(value, "`goals`") else { return Vec::new() };
        let mut goals = Vec::new();
        for property in &object.properties {
            let name = property.name.as_str();
            let what = say!(en: "the goal", ko: "목표");
            read::check_id((name, property.range.start), what, &[], &mut self.notes);
            goals.extend(self.goal(name, &property.value));
        }
        goals
    }

    fn goal(&mut self, name: &str, value: &Value) -> Option<Goal> {
        let what = say!(en: "goal {name}", ko: "목표 {name}", name = quote(name));
        let fields = Fields::of(value, &what, words::GOAL, &mut self.notes)?;
        let event = fields.need("event", &what, &mut self.notes).and_then(|value| self.event(value));
        let window =
            fields.get_or("window", WINDOW, |value| read::duration(value, "`window`", &mut self.notes));
        Some(Goal { id: name.into(), event: event?.0, window: window? })
    }
}

/// The goal of campaigns that name none, where the file declares no goal of
/// that name: an order within a week.
pub(crate) fn default_goal() -> Goal {
    Goal { id: DEFAULT_GOAL.into(), event: PURCHASE.into(), window: WINDOW }
}
