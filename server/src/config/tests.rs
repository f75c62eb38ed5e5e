use super::*;

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Config::parse(text, environment.iter().map(owned))
}

fn said(text: &str, environment: &[(&str, &str)]) -> String {
    parse(text, environment).unwrap_err().to_string()
}

#[test]
fn the_defaults_are_what_the_default_file_says() {
    let config = parse("", &[]).unwrap();
    assert_eq!(config, parse(DEFAULT_TOML, &[]).unwrap());
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.store, Store::Sqlite(None));
    assert_eq!((config.tls, config.smtp, config.public_url), (None, None, None));
    assert_eq!(config.session.invitation_expiry, Duration::from_hours(2));
    assert_eq!(config.session.agent_away, Duration::from_mins(5));
    assert_eq!(config.session.max_open_invitations, 5);
    assert_eq!(config.log.level, tracing::Level::INFO);
}

#[test]
fn every_key_of_the_default_file_has_a_line_about_it() {
    let lines: Vec<&str> = DEFAULT_TOML.lines().collect();
    for pair in lines.windows(2) {
        if pair[1].contains(" = ") && !pair[1].starts_with('#') {
            assert!(pair[0].starts_with("# "), "{} has no comment", pair[1]);
        }
    }
}

#[test]
fn the_environment_stands_over_the_file_and_the_file_over_the_defaults() {
    let text = "listen = \"127.0.0.1:1\"\n[session]\nwait = \"3h\"\n[smtp]\nport = 25";
    let environment = [
        ("BECKON_LISTEN", "127.0.0.1:2"),
        ("BECKON_SMTP__HOST", "mail.example.com"),
        ("BECKON_SMTP__FROM", "help@example.com"),
        ("BECKON_SMTP__PORT", "26"),
        ("BECKON_TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16"),
        ("PATH", "/bin"),
    ];
    let config = parse(text, &environment).unwrap();
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.session.wait, Duration::from_hours(3));
    let smtp = config.smtp.unwrap();
    assert_eq!((smtp.host.as_str(), smtp.port), ("mail.example.com", 26));
    assert_eq!(config.trusted_proxies.0.len(), 2);
}

#[test]
fn an_unknown_key_is_refused_by_name_with_the_nearest_one() {
    for (text, key, hint) in [
        ("lisen = 1", "lisen is no setting", "did you mean listen?"),
        ("[smtp]\nhots = 1", "smtp.hots is no setting", "did you mean smtp.host?"),
        ("[sesion]\n", "sesion is no setting", "did you mean session?"),
    ] {
        let said = said(text, &[]);
        assert!(said.contains(key) && said.contains(hint), "{said}");
    }
    assert_eq!(said("zzzzzzzz = 1", &[]), "zzzzzzzz is no setting of beckon-server");
    let said = said("", &[("BECKON_SMTP_HOST", "x")]);
    assert!(said.contains("BECKON_SMTP_HOST is no setting"), "{said}");
    assert!(said.contains("did you mean BECKON_SMTP__HOST?"), "{said}");
}

#[test]
fn a_bad_value_names_its_key_and_what_to_write() {
    for (text, key, instead) in [
        ("listen = \"8080\"", "listen: ", "127.0.0.1:8080"),
        ("listen = 8080", "listen: ", "a number where a text belongs"),
        ("public_url = \"help\"", "public_url: ", "https://help.example.com"),
        ("data = \"\"", "data: ", "path of a folder"),
        ("store = \"postgres:x\"", "store: ", "sqlite:"),
        ("trusted_proxies = [\"proxy\"]", "trusted_proxies: ", "10.0.0.0/8"),
        ("[tls]\nkey = \"k\"", "tls.certificate: ", "path of the chain"),
        ("[tls]\ncertificate = \"k\"", "tls.key: ", "path of its key"),
        ("[smtp]\nport = 0", "smtp.port: ", "1 to 65535"),
        ("[smtp]\nencryption = \"ssl\"", "smtp.encryption: ", "starttls"),
        (
            "[smtp]\nhost = \"a.b\"\nfrom = \"a@b\"\nencryption = \"none\"",
            "smtp.encryption: ",
            "starttls",
        ),
        ("[smtp]\nhost = \"a.b\"", "smtp.from: ", "help@example.com"),
        (
            "[smtp]\nhost = \"a.b\"\nfrom = \"a@b\"\nusername = \"u\"",
            "smtp.password_file: ",
            "both or none",
        ),
        ("[session]\nwait = \"2\"", "session.wait: ", "\"2h\""),
        ("[session]\nwait = \"0s\"", "session.wait: ", "1s to 24h"),
        ("[session]\ninvitation_expiry = \"25h\"", "session.invitation_expiry: ", "24h"),
        ("[session]\nmax_open_invitations = 0", "session.max_open_invitations: ", "1 to 65535"),
        ("[session]\noperator_display = \"custom\"", "session.operator_display_text: ", "1 to 64"),
        ("[session]\noperator_display = \"x\"", "session.operator_display: ", "custom"),
        ("[log]\nformat = \"xml\"", "log.format: ", "json"),
        ("[log]\nlevel = \"loud\"", "log.level: ", "info"),
    ] {
        let said = said(text, &[]);
        assert!(said.starts_with(key) && said.contains(instead), "{text}: {said}");
    }
    let said = said("", &[("BECKON_SMTP__PORT", "many")]);
    assert!(said.starts_with("BECKON_SMTP__PORT: \"many\""), "{said}");
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let tls = "[tls]\ncertificate = \"c\"\nkey = \"k\"";
    let table = [
        ("listen = \"0.0.0.0:80\"", "", Some("public_url: needed")),
        ("listen = \"0.0.0.0:80\"\npublic_url = \"https://a.b\"", "", Some("listen: ")),
        (
            "listen = \"0.0.0.0:80\"\npublic_url = \"https://a.b\"\ntrusted_proxies = [\"10.0.0.1\"]",
            "",
            None,
        ),
        ("listen = \"0.0.0.0:443\"\npublic_url = \"https://a.b\"", tls, None),
        (
            "listen = \"0.0.0.0:443\"\npublic_url = \"http://a.b\"",
            tls,
            Some("public_url: plain http"),
        ),
        ("public_url = \"http://a.b\"", "", Some("public_url: plain http")),
        ("public_url = \"https://a.b\"", "", Some("public_url: nothing here speaks https")),
        ("public_url = \"https://a.b\"\ntrusted_proxies = [\"127.0.0.1\"]", "", None),
        ("public_url = \"http://localhost:8080\"", "", None),
        ("public_url = \"http://localhost:8080\"", tls, Some("public_url: with tls set")),
        ("listen = \"[::1]:0\"", "", None),
    ];
    for (text, more, refused) in table {
        let outcome = parse(&format!("{text}\n{more}"), &[]).map_err(|e| e.to_string());
        match refused {
            None => assert!(outcome.is_ok(), "{text}: {outcome:?}"),
            Some(reason) => assert!(outcome.unwrap_err().starts_with(reason), "{text}"),
        }
    }
}

#[test]
fn without_a_public_url_the_bound_port_gives_it() {
    let config = parse("listen = \"127.0.0.1:0\"", &[]).unwrap();
    let bound = "127.0.0.1:43210".parse().unwrap();
    assert_eq!(config.public_url_for(bound).to_string(), "http://127.0.0.1:43210");
}

#[test]
fn a_file_that_is_gone_or_no_toml_is_named() {
    let gone = Config::load(Some(Path::new("no/such.toml")), []).unwrap_err().to_string();
    assert!(gone.contains("no/such.toml cannot be read"), "{gone}");
    assert!(said("listen = ", &[]).contains("line 1"), "no line is named");
}

#[test]
fn a_public_url_with_a_path_is_told_that_none_may_follow() {
    let said = |url: &str| {
        let parsed = Config::parse(&format!("public_url = {url:?}"), []);
        parsed.unwrap_err().to_string()
    };
    for url in ["https://x.com/path", "https://x.com?a", "https://x.com/p/q?a=b#c"] {
        assert!(said(url).contains("no path may follow, write \"https://x.com\""), "{}", said(url));
    }
    for url in ["x.com/path", "ftp://x.com/path", "https://"] {
        assert!(said(url).contains("is no address"), "{}", said(url));
    }
}
