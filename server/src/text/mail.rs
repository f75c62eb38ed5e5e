//! What an invitation mail says.

/// Its subject.
pub fn subject(operator: &str, company: &str) -> String {
    format!("{operator} from {company} is waiting to help you")
}

/// Its text.
pub fn body(operator: &str, company: &str, link: &str, code: &str, until: &str) -> String {
    format!(
        "Hello,\n\n{operator} from {company} is waiting to help you on your computer.\n\n\
         Open this link on the computer that needs help:\n{link}\n\n\
         Your code: {code}\nBoth work once, until {until}.\n\n\
         Go on only if you have contacted this helper yourself. You are asked before anything \
         is shown or done, and you can end it at any moment.\n"
    )
}
