//! Where the pointer is and what it looks like, as Windows says for all monitors at once.
#![expect(unsafe_code, reason = "questions to Windows, into memory of the right size")]

use windows::Win32::Foundation::POINT;
use windows::Win32::Graphics::Gdi::{
    BI_RGB, BITMAP, BITMAPINFO, BITMAPINFOHEADER, CreateCompatibleDC, DIB_RGB_COLORS, DeleteDC,
    GetDIBits, GetObjectW, HBITMAP, RGBQUAD,
};
use windows::Win32::UI::Input::KeyboardAndMouse::{
    GetAsyncKeyState, VK_LBUTTON, VK_MBUTTON, VK_RBUTTON,
};
use windows::Win32::UI::WindowsAndMessaging::{
    CURSOR_SHOWING, CURSORINFO, GetCursorInfo, GetIconInfo, HCURSOR, ICONINFO,
};
use windows::core::Owned;

use super::pointer_bitmap::{Kind, PointerBitmap};
use crate::capture::pointer_image::PointerImage;

/// The pointer of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// Where it is on the desktop.
    pub at: (i32, i32),
    /// `None` while it is hidden.
    cursor: Option<HCURSOR>,
}

/// A description of a bitmap, with room for two colours.
#[repr(C)]
struct Described {
    header: BITMAPINFOHEADER,
    colors: [RGBQUAD; 2],
}

impl Pointer {
    /// Asks for it; `None` where Windows does not say, as while it shows its user something alone.
    pub fn now() -> Option<Self> {
        let size = u32::try_from(size_of::<CURSORINFO>()).ok()?;
        let mut told = CURSORINFO { cbSize: size, ..CURSORINFO::default() };
        // SAFETY: writes into `told`, which says how large it is.
        unsafe { GetCursorInfo(&raw mut told) }.ok()?;
        let POINT { x, y } = told.ptScreenPos;
        let is_shown = told.flags == CURSOR_SHOWING && !told.hCursor.is_invalid();
        Some(Self { at: (x, y), cursor: is_shown.then_some(told.hCursor) })
    }

    /// Whether it is shown.
    pub fn is_shown(self) -> bool {
        self.cursor.is_some()
    }

    /// Whether it looks different from another one.
    pub fn differs(self, other: Self) -> bool {
        self.cursor != other.cursor
    }

    /// What it looks like; `None` while it is hidden.
    pub fn image(self) -> Option<PointerImage> {
        let mut told = ICONINFO::default();
        // SAFETY: writes into `told`; the cursor may be gone by now, then this fails. Both
        // bitmaps are ours to give back.
        let (mask, color) = unsafe {
            GetIconInfo(self.cursor?.into(), &raw mut told).ok()?;
            (Owned::new(told.hbmMask), Owned::new(told.hbmColor))
        };
        let signed = |at: u32| i32::try_from(at).unwrap_or(i32::MAX);
        let hot = (signed(told.xHotspot), signed(told.yHotspot));
        let (mask_size, mask_pitch, kept) = bits(*mask, 1)?;
        if color.is_invalid() {
            let (width, height) = mask_size;
            let kind = Kind::Monochrome;
            let pitch = mask_pitch;
            return PointerBitmap { kind, width, height, pitch, hot, bytes: &kept }.image();
        }
        let ((width, height), pitch, mut bytes) = bits(*color, 32)?;
        let is_opaque = |pixel: &[u8]| pixel.get(3).is_some_and(|opacity| *opacity != 0);
        let kind = if bytes.chunks_exact(4).any(is_opaque) { Kind::Color } else { Kind::Masked };
        if kind == Kind::Masked {
            masked(
                &mut bytes,
                &kept,
                usize::try_from(width).ok()?,
                usize::try_from(mask_pitch).ok()?,
            );
        }
        PointerBitmap { kind, width, height, pitch, hot, bytes: &bytes }.image()
    }
}

/// Whether a button of the mouse is held.
pub fn is_held() -> bool {
    [VK_LBUTTON, VK_MBUTTON, VK_RBUTTON].into_iter().any(|button| {
        // SAFETY: takes and gives a number; its sign says that the button is down.
        unsafe { GetAsyncKeyState(button.0.into()) < 0 }
    })
}

/// Puts the bits of the mask where the pixels of a colour bitmap have none of their own.
fn masked(pixels: &mut [u8], mask: &[u8], width: usize, mask_pitch: usize) {
    let rows = pixels.chunks_exact_mut((width * 4).max(1)).zip(mask.chunks(mask_pitch.max(1)));
    for (row, mask) in rows {
        for (x, pixel) in row.chunks_exact_mut(4).enumerate() {
            let is_kept = mask.get(x / 8).is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0);
            if let Some(last) = pixel.get_mut(3) {
                *last = if is_kept { 255 } else { 0 };
            }
        }
    }
}

/// Width and height of a bitmap, bytes from row to row, and its rows from the top, with so many
/// bits a pixel: 1 or 32.
fn bits(bitmap: HBITMAP, depth: u16) -> Option<((u32, u32), u32, Vec<u8>)> {
    let mut told = BITMAP::default();
    let length = i32::try_from(size_of::<BITMAP>()).ok()?;
    // SAFETY: writes at most `length` bytes into `told`.
    if unsafe { GetObjectW(bitmap.into(), length, Some((&raw mut told).cast())) } != length {
        return None;
    }
    let size = (u32::try_from(told.bmWidth).ok()?, u32::try_from(told.bmHeight).ok()?);
    let pitch = size.0.checked_mul(depth.into())?.div_ceil(32).checked_mul(4)?;
    let mut rows = vec![0_u8; usize::try_from(pitch.checked_mul(size.1)?).ok()?];
    let header = BITMAPINFOHEADER {
        biSize: u32::try_from(size_of::<BITMAPINFOHEADER>()).ok()?,
        biWidth: told.bmWidth,
        // From the top.
        biHeight: told.bmHeight.checked_neg()?,
        biPlanes: 1,
        biBitCount: depth,
        biCompression: BI_RGB.0,
        ..BITMAPINFOHEADER::default()
    };
    let mut described = Described { header, colors: Default::default() };
    // SAFETY: a context of its own, given back below. `described` is laid out as a BITMAPINFO of
    // this depth, whose table has two colours at most, and `rows` has room for all of them.
    let read = unsafe {
        let context = CreateCompatibleDC(None);
        let to = Some(rows.as_mut_ptr().cast());
        let description = (&raw mut described).cast::<BITMAPINFO>();
        let read = GetDIBits(context, bitmap, 0, size.1, to, description, DIB_RGB_COLORS);
        let _given_back = DeleteDC(context);
        read
    };
    (u32::try_from(read) == Ok(size.1)).then_some((size, pitch, rows))
}
