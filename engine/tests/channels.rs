//! The table of sites beside the public-domain lists of `VITRINE_REFERENCE`
//! (default `../shared`): how far they agree, and every host where they do not
//! with the reason. Says so and passes where the lists are not there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::path::PathBuf;

use vitrine_engine::channel::{Landing, Medium, arrive};
use vitrine_engine::page::Page;
use vitrine_engine::sites::{RARE, Sites};

/// Hosts that the lists and this table take for different kinds of places, after
/// the reason.
const OTHERWISE: &[(&str, &str)] = &[
    ("an AI assistant, though it searches", "chat.openai.com chatgpt.com www.perplexity.ai you.com"),
    ("a social network, though one can search it", "tieba.baidu.com www.facebook.com"),
    (
        "one of Google's services that are no search: a referral from its host",
        "webcache.googleusercontent.com blogsearch.google.com blogsearch.google.de maps.google.com \
         maps.google.de news.google.com news.google.de scholar.google.com scholar.google.de \
         translate.google.com video.google.com",
    ),
    (
        "a site of another kind that had a search by Google",
        "www.cnn.com ask.reference.com wow.com de.wow.com cgi2.nintendo.co.jp www.optuszoo.com.au \
         it.luna.tv find.tdc.dk www.highbeam.com www.url.org web.canoe.ca www.kadaza.com",
    ),
    (
        "a toolbar's search, gone with the toolbar",
        "alohafind.com www.fastbrowsersearch.com search.foxtab.com www.gooofullsearch.com \
         search.hiyo.com search.incredimail.com search1.incredimail.com search2.incredimail.com \
         search3.incredimail.com search4.incredimail.com search.sweetim.com search.alot.com \
         search.incredibar.com www.delta-search.com www1.delta-search.com netlavis.azione.jp \
         search.nan.so searches.safehomepage.com tattoodle.com searches.vi-view.com \
         search.webssearches.com search.fbdownloader.com searches3.globososo.com start.facemoods.com \
         start.funmoods.com search.magentic.com search.searchcompletion.com \
         www.searchmobileonline.com isearch.glarysoft.com search.chatzum.com home.speedbit.com \
         search.b1.org searchya.com search.handycafe.com search.v9.com search.iminent.com \
         search.offerbox.com ys.mirostart.com ko.search.need2find.com monumentbrowser.com \
         search.chedot.com",
    ),
    (
        "a search engine that closed",
        "arama.com www.blogdigger.com www.blogpulse.com www.firstsfind.com friendfeed.com \
         searchresults.verizon.com gfsoso.com googlesyndicatedsearch.com webfetch.com www.maailm.com \
         meta.rrzn.uni-hannover.de extern.peoplecheck.de www.quendu.com www.walhello.info",
    ),
    (
        "a messenger",
        "web.telegram.org org.telegram.messenger wechat.com mp.weixin.qq.com open.weixin.qq.com \
         channels.weixin.qq.com",
    ),
    ("a login: coming back from it is no arrival", "login.live.com"),
    ("a path of X's, and a referrer tells no paths", "x.com"),
];

/// A list's hosts, each once: the entries of the file that are no parameters.
fn hosts(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_host = true;
    for line in text.lines() {
        let line = line.trim();
        if line.ends_with(':') {
            is_host = line == "urls:" || !["params:", "charsets:", "hiddenkeyword:"].contains(&line);
            continue;
        }
        let Some(entry) = line.strip_prefix("- ").filter(|_| is_host) else { continue };
        let entry = entry.trim_matches(['\'', '"']).replace("{}", "de");
        let host = entry.split('/').next().unwrap_or_default().to_owned();
        if host.contains('.') && !found.contains(&host) {
            found.push(host);
        }
    }
    found
}

fn medium(host: &str) -> Medium {
    let page = Page::parse("https://shop.example/");
    let is_app = host.starts_with("com.") || host.starts_with("org.");
    let referrer = format!("{}://{host}/", if is_app { "android-app" } else { "https" });
    arrive(&Landing { page: &page, referrer: &referrer, agent: "", sites: Sites(RARE) }).medium
}

#[test]
fn the_table_agrees_with_the_lists_but_where_it_says_why() {
    let shared = std::env::var("VITRINE_REFERENCE").unwrap_or_else(|_| "../../shared".into());
    let folder = PathBuf::from(&shared).join("peers/channels");
    if !folder.exists() {
        println!("No lists of channels under {shared}: nothing to compare with.");
        return;
    }
    let mut otherwise = Vec::new();
    for (file, wanted) in [
        ("SearchEngines.yml", &[Medium::Search, Medium::PaidSearch] as &[Medium]),
        ("Socials.yml", &[Medium::Social]),
        ("AIAssistants.yml", &[Medium::AiAssistant]),
    ] {
        let hosts = hosts(&std::fs::read_to_string(folder.join(file)).unwrap());
        let differ: Vec<&String> = hosts.iter().filter(|host| !wanted.contains(&medium(host))).collect();
        let share = 100.0 * (hosts.len() - differ.len()) as f64 / hosts.len() as f64;
        println!("{file}: {} of {} hosts agree, {share:.1} %", hosts.len() - differ.len(), hosts.len());
        otherwise.extend(differ.into_iter().cloned());
    }
    let known = |host: &str| OTHERWISE.iter().any(|(_, hosts)| hosts.split(' ').any(|known| known == host));
    for host in &otherwise {
        assert!(known(host), "{host} is {}, and nobody says why", medium(host).word());
    }
    for host in OTHERWISE.iter().flat_map(|(_, hosts)| hosts.split(' ')) {
        assert!(otherwise.iter().any(|other| other == host), "{host} agrees by now");
    }
}
