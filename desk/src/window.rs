//! The one window of a program.

#[cfg(any(target_os = "windows", test))]
mod raster;
#[cfg(target_os = "windows")]
mod software;

use std::error::Error;
use std::sync::Arc;

use eframe::{AppCreator, CreationContext, NativeOptions, Renderer};

/// The icon of Beckon, for the title and the list of windows.
const ICON: &[u8] = include_bytes!("../resources/beckon.png");

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// It could not be opened, or failed later.
    #[error("the window cannot be opened: {0}")]
    Window(String),
    /// The program could not begin.
    #[error("{0}")]
    Content(Box<dyn Error + Send + Sync>),
}

/// The number of the window in the window system, such as its X11 id or its HWND.
pub fn number(creation: &CreationContext<'_>) -> Option<u64> {
    let window = creation.winit_window().map(|window| u64::from(window.id()));
    #[cfg(target_os = "windows")]
    let window = window.or_else(software::number);
    window
}

/// Shows a window with what `create` makes until it is closed. OpenGL draws it; where Windows has
/// none (Remote Desktop, virtual machines), the processor does.
pub fn show(
    title: &str,
    mut options: NativeOptions,
    create: AppCreator<'_>,
) -> Result<(), WindowError> {
    options.renderer = Renderer::Glow;
    match eframe::icon_data::from_png_bytes(ICON) {
        Ok(icon) => options.viewport.icon = Some(Arc::new(icon)),
        Err(error) => tracing::warn!(%error, "the window has no icon"),
    }
    draw(title, options, create)
}

impl From<eframe::Error> for WindowError {
    fn from(error: eframe::Error) -> Self {
        match error {
            eframe::Error::AppCreation(why) => Self::Content(why),
            error => Self::Window(error.to_string()),
        }
    }
}

#[cfg(not(target_os = "windows"))]
fn draw(title: &str, options: NativeOptions, create: AppCreator<'_>) -> Result<(), WindowError> {
    Ok(eframe::run_native(title, options, create)?)
}

#[cfg(target_os = "windows")]
fn draw(title: &str, options: NativeOptions, create: AppCreator<'_>) -> Result<(), WindowError> {
    use std::cell::Cell;
    use std::rc::Rc;

    use winit::event_loop::EventLoop;
    use winit::platform::run_on_demand::EventLoopExtRunOnDemand;

    let mut events = EventLoop::<eframe::UserEvent>::with_user_event().build()?;
    // Not taken until there is OpenGL: so it is there for another try, or used up.
    let unused = Rc::new(Cell::new(Some(create)));
    let failed = Rc::new(Cell::new(None));
    let (take, fail) = (Rc::clone(&unused), Rc::clone(&failed));
    let once: AppCreator<'_> = Box::new(move |creation| {
        let Some(create) = take.take() else { return Err("this was begun before".into()) };
        create(creation).map_err(|error| {
            let said = error.to_string();
            fail.set(Some(error));
            said.into()
        })
    });
    events.run_app_on_demand(&mut eframe::create_native(title, options.clone(), once, &events))?;
    if let Some(error) = failed.take() {
        return Err(WindowError::Content(error));
    }
    let Some(create) = unused.take() else { return Ok(()) };
    tracing::info!("there is no OpenGL, the processor draws");
    let mut software = software::Software::new(options, create, events.create_proxy());
    events.run_app_on_demand(&mut software)?;
    software.result()
}

#[cfg(target_os = "windows")]
impl From<winit::error::EventLoopError> for WindowError {
    fn from(error: winit::error::EventLoopError) -> Self {
        Self::Window(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_is_a_square_picture() {
        let icon = eframe::icon_data::from_png_bytes(ICON).unwrap();
        assert_eq!((icon.width, icon.height), (128, 128));
        assert!(icon.rgba.chunks(4).any(|pixel| pixel == [0x1a, 0x56, 0xb8, 0xff]), "it is blue");
        assert_eq!(icon.rgba.get(3), Some(&0), "and its corners are round");
    }

    #[test]
    fn what_the_program_could_not_begin_with_is_said_as_it_is() {
        let error = WindowError::from(eframe::Error::AppCreation("the keys are damaged".into()));
        assert_eq!(error.to_string(), "the keys are damaged");
    }
}
