//! A browser: real Chromium on a desk, used by what is to be read on the page.

use std::fmt::Write as _;
use std::future::Future;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use thirtyfour::error::WebDriverResult;
use thirtyfour::{ChromiumLikeCapabilities as _, DesiredCapabilities, WebDriver, WebElement};
use tokio::runtime::Runtime;

use crate::clock::{PATIENCE, WATCH, within};
use crate::desk::Desk;
use crate::process::Process;
use crate::scratch::shots;

const PAGE: &str = include_str!("browser/page.js");
const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/131.0.0.0 Safari/537.36";
const GOODBYE: Duration = Duration::from_secs(5);

/// Whether the browser has a window on the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A window on the desk: for scenarios in which the browser opens another program.
    Window,
    /// No window: faster, and enough for pages.
    Headless,
    /// No window, and it tells servers that it runs on Windows.
    OnWindows,
}

/// Chromium with a profile of its own. Everything that asks waits as long as a person would and
/// then panics with what the page shows instead.
pub struct Browser<'d> {
    desk: &'d Desk,
    runtime: Runtime,
    driver: Option<WebDriver>,
    profile: PathBuf,
    _chromedriver: Process,
}

impl<'d> Browser<'d> {
    /// Opens it on an empty page. The pages of `launchers`, such as `http://127.0.0.1:8080`, may
    /// open `beckon://` links without the browser asking, as after “always allow”.
    pub fn open(desk: &'d Desk, look: Look, launchers: &[&str]) -> Self {
        let profile = profile(desk, launchers);
        let mut chromedriver = desk.start("chromedriver", "chromedriver", &["--port=0"]);
        let port = chromedriver.says("its port", |words| {
            let (_, rest) = words.split_once("started successfully on port ")?;
            rest.split_once('.')?.0.parse::<u16>().ok()
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime for the browser");
        let capabilities = capabilities(&profile, look).expect("capabilities are JSON");
        let address = format!("http://127.0.0.1:{port}");
        let driver = runtime
            .block_on(WebDriver::new(address, capabilities))
            .unwrap_or_else(|error| panic!("no browser on the desk of {}: {error}", desk.name()));
        Self { desk, runtime, driver: Some(driver), profile, _chromedriver: chromedriver }
    }

    /// Opens a page.
    pub fn go(&self, address: &str) {
        self.now(|driver| async move { driver.goto(address).await })
            .unwrap_or_else(|error| self.fail(&format!("{address} cannot be opened: {error}")));
    }

    /// The address of the page.
    pub fn address(&self) -> String {
        let address = self.now(|driver| async move { driver.current_url().await });
        address.map(|address| address.to_string()).unwrap_or_default()
    }

    /// Waits until the address contains `part`.
    pub fn arrives_at(&self, part: &str) {
        if within(PATIENCE, || self.address().contains(part).then_some(())).is_none() {
            self.fail(&format!("the page is {} and not {part}", self.address()));
        }
    }

    /// The title of the page.
    pub fn title(&self) -> String {
        self.now(|driver| async move { driver.title().await }).unwrap_or_default()
    }

    /// Loads the page again.
    pub fn reload(&self) {
        self.now(|driver| async move { driver.refresh().await }).unwrap_or_else(|error| {
            self.fail(&format!("the page cannot be loaded again: {error}"))
        });
    }

    /// The words on the page, with single spaces.
    pub fn text(&self) -> String {
        let words = self.page(&["words"]).unwrap_or(Value::Null);
        words.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until these words are to be read on the page.
    pub fn sees(&self, words: &str) {
        self.sees_within(PATIENCE, words);
    }

    /// Waits no longer than `limit` for these words.
    pub fn sees_within(&self, limit: Duration, words: &str) {
        if within(limit, || self.text().contains(words).then_some(())).is_none() {
            self.fail(&format!("“{words}” is not to be read"));
        }
    }

    /// Waits until these words are no longer to be read.
    pub fn sees_no_longer(&self, words: &str) {
        if within(PATIENCE, || (!self.text().contains(words)).then_some(())).is_none() {
            self.fail(&format!("“{words}” is still to be read"));
        }
    }

    /// Watches for a moment and panics when these words are to be read at any time of it.
    pub fn never_sees(&self, words: &str) {
        if within(WATCH, || self.text().contains(words).then_some(())).is_some() {
            self.fail(&format!("“{words}” is to be read"));
        }
    }

    /// Waits for a row of a list with these words and returns all of its words.
    pub fn row(&self, words: &str) -> String {
        let row = || self.page(&["row", words]).ok()?.as_str().map(str::to_owned);
        within(PATIENCE, row).unwrap_or_else(|| self.fail(&format!("no row contains “{words}”")))
    }

    /// Waits until the row with `words` also contains `more`.
    pub fn row_says(&self, words: &str, more: &str) {
        let says = || self.page(&["row", words]).ok()?.as_str()?.contains(more).then_some(());
        if within(PATIENCE, says).is_none() {
            self.fail(&format!("the row with “{words}” does not say “{more}”"));
        }
    }

    /// Whether something to press is called so now.
    pub fn offers(&self, name: &str) -> bool {
        self.page(&["pressable", name]).is_ok_and(|found| !found.is_null())
    }

    /// Waits for the button, link, tick or tab called so, and clicks it.
    pub fn click(&self, name: &str) {
        self.click_element(&["pressable", name], &format!("nothing to press is called “{name}”"));
    }

    /// The same inside the row of a list that contains `row`.
    pub fn click_in(&self, row: &str, name: &str) {
        let failure = format!("nothing to press is called “{name}” in a row with “{row}”");
        self.click_element(&["pressable in", name, row], &failure);
    }

    /// Waits for the field called so and writes into it, in place of what was there.
    pub fn fill(&self, name: &str, text: &str) {
        self.element(
            &["field", name],
            &format!("no field is called “{name}”"),
            |field| async move {
                field.clear().await?;
                field.send_keys(text).await
            },
        );
    }

    /// Waits for the list of choices called so and takes the one that reads `choice`.
    pub fn choose(&self, name: &str, choice: &str) {
        self.element(
            &["field", name],
            &format!("no field is called “{name}”"),
            |field| async move { field.send_keys(choice).await },
        );
    }

    /// Waits for the field called so and says what is in it.
    pub fn field(&self, name: &str) -> String {
        self.element(
            &["field", name],
            &format!("no field is called “{name}”"),
            |field| async move { field.prop("value").await },
        )
        .unwrap_or_default()
    }

    /// Runs a script on the page, as a developer would in the console, and returns its answer.
    pub fn script(&self, script: &str, arguments: &[Value]) -> Value {
        self.answer(script, arguments)
            .unwrap_or_else(|error| self.fail(&format!("the script failed: {error}")))
    }

    /// Gives the page a size in pixels, as by dragging its window.
    pub fn resize(&self, width: u32, height: u32) {
        self.now(|driver| async move { driver.set_window_rect(0, 0, width, height).await })
            .unwrap_or_else(|error| self.fail(&format!("no such size: {error}")));
    }

    /// Opens a page in a tab of its own and looks at it; the tabs before stay open.
    pub fn go_in_new_tab(&self, address: &str) {
        self.now(|driver| async move {
            let tab = driver.new_tab().await?;
            driver.switch_to_window(tab).await
        })
        .unwrap_or_else(|error| self.fail(&format!("no new tab: {error}")));
        self.go(address);
    }

    /// Waits until the folder of downloads has a whole file whose name contains `part`.
    pub fn downloaded(&self, part: &str) -> PathBuf {
        let folder = self.downloads();
        // Chromium keeps the place with an empty file of that name while the whole one comes.
        let found = || {
            let files = std::fs::read_dir(&folder).ok()?.flatten().map(|file| file.path());
            let files: Vec<_> = files.collect();
            let comes = |path: &PathBuf| path.extension().is_some_and(|end| end == "crdownload");
            if files.iter().any(comes) {
                return None;
            }
            files.into_iter().find(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let whole = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
                name.contains(part) && whole
            })
        };
        within(PATIENCE, found)
            .unwrap_or_else(|| self.fail(&format!("nothing called “{part}” was downloaded")))
    }

    /// The folder of downloads.
    pub fn downloads(&self) -> PathBuf {
        self.desk.scratch().folder("home/Downloads")
    }

    /// Keeps the page as `target/shots/<name>.png` and says where.
    pub fn shot(&self, name: &str) -> PathBuf {
        let path = shots().join(format!("{name}.png"));
        let picture = self.now(|driver| async move { driver.screenshot_as_png().await });
        let picture = picture.unwrap_or_else(|error| panic!("no picture of the page: {error}"));
        std::fs::write(&path, picture)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }

    /// Fails the scenario with a sentence, what the page shows and a picture of it.
    pub fn fail(&self, sentence: &str) -> ! {
        let mut report =
            format!("{sentence} on {} at the desk of {}", self.address(), self.desk.name());
        let picture = self.desk.shot(&format!("failed-{}", self.desk.name()));
        let _ = write!(report, "\nit shows: {}\nthe desk: {}", self.text(), picture.display());
        let page = self.now(|driver| async move { driver.screenshot_as_png().await });
        let path = shots().join(format!("failed-{}-page.png", self.desk.name()));
        if page.is_ok_and(|page| std::fs::write(&path, page).is_ok()) {
            let _ = write!(report, "\nthe page: {}", path.display());
        }
        let log = self.now(|driver| async move { driver.browser_log().await });
        for entry in log.unwrap_or_default() {
            let _ = write!(report, "\nconsole: {}", entry.message);
        }
        panic!("{report}");
    }

    fn click_element(&self, query: &[&str], failure: &str) {
        self.element(query, failure, |found| async move {
            found.scroll_into_view().await?;
            found.click().await
        });
    }

    /// A page may be replaced under the hand: whatever fails is tried again until patience ends.
    fn element<T, F>(&self, query: &[&str], failure: &str, act: impl Fn(WebElement) -> F) -> T
    where
        F: Future<Output = WebDriverResult<T>>,
    {
        let mut last = String::new();
        let arguments: Vec<Value> = query.iter().map(|word| json!(word)).collect();
        let outcome = within(PATIENCE, || {
            let answer = self.now(|driver| {
                let arguments = arguments.clone();
                async move { driver.execute(PAGE, arguments).await }
            });
            let found = answer.and_then(thirtyfour::session::scriptret::ScriptRet::element).ok()?;
            self.runtime.block_on(act(found)).map_err(|error| last = error.to_string()).ok()
        });
        outcome.unwrap_or_else(|| self.fail(&format!("{failure} {last}")))
    }

    fn page(&self, query: &[&str]) -> WebDriverResult<Value> {
        let arguments: Vec<Value> = query.iter().map(|word| json!(word)).collect();
        self.answer(PAGE, &arguments)
    }

    fn answer(&self, script: &str, arguments: &[Value]) -> WebDriverResult<Value> {
        self.now(|driver| async move {
            let answer = driver.execute(script, arguments.to_vec()).await?;
            Ok(answer.json().clone())
        })
    }

    fn now<'s, T, F>(&'s self, act: impl FnOnce(&'s WebDriver) -> F) -> WebDriverResult<T>
    where
        F: Future<Output = WebDriverResult<T>>,
    {
        self.runtime.block_on(act(self.driver.as_ref().expect("open until dropped")))
    }
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            let goodbye = async { tokio::time::timeout(GOODBYE, driver.quit()).await };
            if !matches!(self.runtime.block_on(goodbye), Ok(Ok(()))) {
                end_orphan(&self.profile);
            }
        }
    }
}

/// Chromium notes its process id in its profile: that process, and no other, is ended.
fn end_orphan(profile: &Path) {
    let lock = std::fs::read_link(profile.join("SingletonLock")).unwrap_or_default();
    if let Some((_, pid)) = lock.to_string_lossy().rsplit_once('-') {
        let _ =
            std::process::Command::new("sh").args(["-c", "kill -KILL \"$1\"", "sh", pid]).status();
    }
}

fn profile(desk: &Desk, launchers: &[&str]) -> PathBuf {
    let profile = desk.scratch().folder("home/browser");
    let allowed: serde_json::Map<_, _> =
        launchers.iter().map(|origin| ((*origin).to_owned(), json!({ "beckon": true }))).collect();
    let preferences = json!({
        "protocol_handler": { "allowed_origin_protocol_pairs": allowed },
        "download": {
            "default_directory": desk.scratch().folder("home/Downloads"),
            "prompt_for_download": false,
        },
        "credentials_enable_service": false,
    });
    let folder = desk.scratch().folder("home/browser/Default");
    let file = folder.join("Preferences");
    std::fs::write(&file, preferences.to_string())
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    profile
}

fn capabilities(profile: &Path, look: Look) -> WebDriverResult<thirtyfour::ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    capabilities.set_binary("/usr/bin/chromium")?;
    let root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let mut arguments = vec![
        format!("--user-data-dir={}", profile.display()),
        "--window-position=0,0".to_owned(),
        "--window-size=1200,780".to_owned(),
    ];
    let always = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--password-store=basic",
        "--lang=en",
    ];
    arguments.extend(always.map(str::to_owned));
    arguments.extend((look != Look::Window).then(|| "--headless=new".to_owned()));
    arguments.extend((look == Look::OnWindows).then(|| format!("--user-agent={WINDOWS}")));
    arguments.extend(root.then(|| "--no-sandbox".to_owned()));
    for argument in arguments {
        capabilities.add_arg(&argument)?;
    }
    Ok(capabilities)
}
