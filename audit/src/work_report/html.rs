//! A report as a page to print. It loads nothing, runs nothing, and every value in it is escaped.

use std::fmt::Write as _;

use super::WorkReport;
use super::words::{NOTHING, TITLE, facts, sections};

const STYLE: &str = "body{font:11pt/1.45 system-ui,sans-serif;max-width:46em;margin:2em auto;\
    padding:0 1em;color:#111;background:#fff}h1{font-size:1.5em}h2{font-size:1.1em;margin-top:2em}\
    .verified{border:2px solid;padding:.6em .8em;font-weight:600}table{border-collapse:collapse}\
    th{text-align:left;vertical-align:top;padding:.15em 1.5em .15em 0;font-weight:600}\
    td{overflow-wrap:anywhere}li{overflow-wrap:anywhere}ul{padding-left:1.2em}\
    @media print{body{margin:0;max-width:none}h2{break-after:avoid}li{break-inside:avoid}}";

/// The page.
pub fn page(report: &WorkReport) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
         'unsafe-inline'\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>{title}</h1>\n<p class=\"verified\">{verified}</p>\n",
        title = escaped(TITLE),
        verified = escaped(&report.verified),
    );
    match &report.told {
        None => {
            // Writing to a string cannot fail.
            let _ = writeln!(page, "<p>{}</p>", escaped(NOTHING));
        }
        Some(work) => {
            page.push_str("<table>\n");
            for (name, value) in facts(work) {
                let (name, value) = (escaped(name), escaped(&value));
                let _ = writeln!(page, "<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>");
            }
            page.push_str("</table>\n");
            for (heading, lines) in sections(work) {
                let _ = writeln!(page, "<h2>{}</h2>\n<ul>", escaped(heading));
                if lines.is_empty() {
                    page.push_str("<li>nothing</li>\n");
                }
                for line in lines {
                    let _ = writeln!(page, "<li>{}</li>", escaped(&line));
                }
                page.push_str("</ul>\n");
            }
        }
    }
    page.push_str("</body>\n</html>");
    page
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
