//! What is said about keys.

pub const SPECIAL_KEYS: &str = "Keys";
pub const SPECIAL_KEYS_HOVER: &str =
    "Press keys on the other computer that this one keeps for itself";
pub const CTRL_ALT_DEL: &str = "Ctrl + Alt + Del";
pub const SUPER_KEY: &str = "Super (Windows key)";
pub const ALT_TAB: &str = "Alt + Tab";
pub const ALT_F4: &str = "Alt + F4";
pub const CTRL_SHIFT_ESC: &str = "Ctrl + Shift + Esc";
pub const PRINT_SCREEN: &str = "Print screen";
pub const SEND_ALL_KEYS: &str = "Send all keys";
#[cfg(not(target_os = "windows"))]
pub const SEND_ALL_KEYS_HOVER: &str =
    "Every key goes to the other computer by its place, until you press Ctrl + Alt + Home";
#[cfg(target_os = "windows")]
pub const SEND_ALL_KEYS_HOVER: &str = "Every key goes to the other computer by its place, until you \
    press Ctrl + Alt + Home. Only Ctrl + Alt + Del and Windows + L stay here.";
pub const KEYBOARD_TAKEN: &str = "Not all keys can be sent: another program of this computer has the \
    keyboard, perhaps an open menu. Close it and try again.";
pub const SENDS_ALL_KEYS: &str = "All keys are sent. Ctrl + Alt + Home ends that.";
