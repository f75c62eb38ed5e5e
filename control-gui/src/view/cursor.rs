//! The pointer of the other computer over the picture.

use std::sync::Arc;

use beckon_peer::{Point, PointerShape};
use egui::{
    Color32, ColorImage, Context, CursorIcon, Painter, Pos2, Response, TextureHandle,
    TextureOptions, Ui, pos2, vec2,
};

use crate::model::{Active, RemotePointer};
use crate::pointer::Placement;

/// The smallest scale at which a pointer can still be seen.
const SMALLEST: f32 = 0.6;

/// The shape of the other pointer as a texture.
#[derive(Default)]
pub(crate) struct Cursor {
    drawn: Option<(Arc<PointerShape>, TextureHandle)>,
}

/// How the other pointer is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shown {
    /// Not at all.
    Nowhere,
    /// Painted where it is.
    There(Point),
    /// As the operator's own pointer, which looks like this.
    Own(CursorIcon),
    /// Painted instead of the operator's own pointer.
    Instead,
}

/// Shows the pointer over the picture at `placement`.
pub(super) fn show(
    ui: &Ui,
    response: &Response,
    (placement, seen): (&Placement, egui::Rect),
    active: &Active,
    sending: bool,
    cursor: &mut Cursor,
) {
    let over = response.hovered() || response.is_pointer_button_down_on();
    let at = ui.input(|input| input.pointer.hover_pos());
    let own = at.filter(|at| over && placement.rect.contains(*at) && seen.contains(*at));
    let pixel = 1.0 / ui.ctx().pixels_per_point();
    let scale = (placement.rect.width() / placement.size[0].max(1) as f32).max(SMALLEST * pixel);
    let painter = ui.painter_at(seen);
    match shown(&active.pointer, sending, own.is_some()) {
        Shown::Own(icon) => ui.ctx().set_cursor_icon(icon),
        Shown::Instead => {
            if let (Some(at), Some(shape)) = (own, &active.pointer.shape) {
                ui.ctx().set_cursor_icon(CursorIcon::None);
                cursor.paint(ui.ctx(), &painter, shape, at, pixel);
            }
        }
        Shown::There(point) if active.viewing && point.monitor == placement.monitor => {
            let [width, height] = placement.size;
            if let Some(shape) = active.pointer.shape.as_ref()
                && point.x < width
                && point.y < height
            {
                let along = vec2(point.x as f32 / width as f32, point.y as f32 / height as f32);
                let at = placement.rect.min + placement.rect.size() * along;
                cursor.paint(ui.ctx(), &painter, shape, at, scale);
            }
        }
        Shown::There(_) | Shown::Nowhere => {}
    }
}

/// The operator's own pointer never waits for the other computer: it takes the other's shape where
/// it is, unless somebody else moves the other one.
fn shown(pointer: &RemotePointer, sending: bool, over: bool) -> Shown {
    let there = pointer.place.map_or(Shown::Nowhere, Shown::There);
    if !sending || !pointer.follows() || !over {
        return there;
    }
    match &pointer.shape {
        None => Shown::Own(CursorIcon::Default),
        Some(shape) => match icon(&shape.name) {
            Some(icon) => Shown::Own(icon),
            // A program there may hide its pointer; the operator's is never out of sight.
            None if is_blank(shape) => Shown::Own(CursorIcon::Default),
            None => Shown::Instead,
        },
    }
}

impl Cursor {
    fn paint(
        &mut self,
        ctx: &Context,
        painter: &Painter,
        shape: &Arc<PointerShape>,
        at: Pos2,
        scale: f32,
    ) {
        let known = self.drawn.as_ref().filter(|(drawn, _)| Arc::ptr_eq(drawn, shape));
        let texture = match known {
            Some((_, texture)) => texture.id(),
            None => self.draw(ctx, shape),
        };
        let hot = vec2(f32::from(shape.hot.0), f32::from(shape.hot.1)) * scale;
        let size = vec2(f32::from(shape.size.0), f32::from(shape.size.1)) * scale;
        let grid = ctx.pixels_per_point();
        let corner = at - hot;
        let corner = pos2((corner.x * grid).round() / grid, (corner.y * grid).round() / grid);
        let whole = egui::Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        painter.image(texture, egui::Rect::from_min_size(corner, size), whole, Color32::WHITE);
    }

    fn draw(&mut self, ctx: &Context, shape: &Arc<PointerShape>) -> egui::TextureId {
        let size = [usize::from(shape.size.0), usize::from(shape.size.1)];
        let (quads, _) = shape.rgba.as_chunks::<4>();
        let pixels =
            quads.iter().map(|[r, g, b, a]| Color32::from_rgba_unmultiplied(*r, *g, *b, *a));
        let mut pixels: Vec<Color32> = pixels.collect();
        pixels.resize(size[0] * size[1], Color32::TRANSPARENT);
        let image = ColorImage::new(size, pixels);
        let texture = ctx.load_texture("pointer", image, TextureOptions::LINEAR);
        let id = texture.id();
        self.drawn = Some((Arc::clone(shape), texture));
        id
    }
}

fn is_blank(shape: &PointerShape) -> bool {
    let (quads, _) = shape.rgba.as_chunks::<4>();
    quads.iter().all(|[.., opacity]| *opacity == 0)
}

/// What this computer calls a pointer that is called `name` on X11.
/// Sources: the cursor names of CSS, of the font of X and of Qt's and KDE's themes.
fn icon(name: &str) -> Option<CursorIcon> {
    Some(match name {
        "default" | "left_ptr" | "arrow" | "top_left_arrow" | "dnd-ask" => CursorIcon::Default,
        "context-menu" => CursorIcon::ContextMenu,
        "help" | "question_arrow" | "whats_this" | "left_ptr_help" => CursorIcon::Help,
        "pointer" | "hand" | "hand1" | "hand2" | "pointing_hand" => CursorIcon::PointingHand,
        "progress" | "left_ptr_watch" | "half-busy" => CursorIcon::Progress,
        "wait" | "watch" => CursorIcon::Wait,
        "cell" | "plus" => CursorIcon::Cell,
        "crosshair" | "cross" | "tcross" | "cross_reverse" | "diamond_cross" => {
            CursorIcon::Crosshair
        }
        "text" | "xterm" | "ibeam" => CursorIcon::Text,
        "vertical-text" => CursorIcon::VerticalText,
        "alias" | "link" | "dnd-link" => CursorIcon::Alias,
        "copy" | "dnd-copy" => CursorIcon::Copy,
        "move" | "dnd-move" => CursorIcon::Move,
        "no-drop" | "dnd-no-drop" | "dnd-none" => CursorIcon::NoDrop,
        "not-allowed" | "crossed_circle" | "forbidden" | "circle" => CursorIcon::NotAllowed,
        "grab" | "openhand" => CursorIcon::Grab,
        "grabbing" | "closedhand" => CursorIcon::Grabbing,
        "all-scroll" | "fleur" | "size_all" => CursorIcon::AllScroll,
        "ew-resize" | "h_double_arrow" | "sb_h_double_arrow" | "size_hor" => {
            CursorIcon::ResizeHorizontal
        }
        "ns-resize" | "v_double_arrow" | "sb_v_double_arrow" | "size_ver" | "double_arrow" => {
            CursorIcon::ResizeVertical
        }
        "nesw-resize" | "fd_double_arrow" | "size_bdiag" => CursorIcon::ResizeNeSw,
        "nwse-resize" | "bd_double_arrow" | "size_fdiag" => CursorIcon::ResizeNwSe,
        "e-resize" | "right_side" => CursorIcon::ResizeEast,
        "se-resize" | "bottom_right_corner" => CursorIcon::ResizeSouthEast,
        "s-resize" | "bottom_side" => CursorIcon::ResizeSouth,
        "sw-resize" | "bottom_left_corner" => CursorIcon::ResizeSouthWest,
        "w-resize" | "left_side" => CursorIcon::ResizeWest,
        "nw-resize" | "top_left_corner" => CursorIcon::ResizeNorthWest,
        "n-resize" | "top_side" => CursorIcon::ResizeNorth,
        "ne-resize" | "top_right_corner" => CursorIcon::ResizeNorthEast,
        "col-resize" | "split_h" => CursorIcon::ResizeColumn,
        "row-resize" | "split_v" => CursorIcon::ResizeRow,
        "zoom-in" => CursorIcon::ZoomIn,
        "zoom-out" => CursorIcon::ZoomOut,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn pointer(name: &str, opacity: u8, follows: bool) -> RemotePointer {
        let rgba = vec![1, 2, 3, opacity];
        let shape = PointerShape { name: name.to_owned(), hot: (0, 0), size: (1, 1), rgba };
        let mut pointer = RemotePointer::default();
        pointer.shape = Some(Arc::new(shape));
        let at = Point { monitor: 0, x: 4, y: 5 };
        pointer.is_at(Some(at), Duration::ZERO, Duration::ZERO);
        if follows {
            pointer.operator_moved(at, Duration::ZERO);
        }
        pointer
    }

    #[test]
    fn whose_hand_moves_decides_what_is_shown() {
        let there = Shown::There(Point { monitor: 0, x: 4, y: 5 });
        let nowhere = RemotePointer::default();
        for (pointer, sending, over, expected) in [
            (pointer("xterm", 255, false), false, true, there),
            (pointer("xterm", 255, false), true, true, there),
            (pointer("xterm", 255, true), true, true, Shown::Own(CursorIcon::Text)),
            (pointer("xterm", 255, true), true, false, there),
            (pointer("", 255, true), true, true, Shown::Instead),
            (pointer("my own", 255, true), true, true, Shown::Instead),
            (pointer("my own", 0, true), true, true, Shown::Own(CursorIcon::Default)),
            (nowhere, false, true, Shown::Nowhere),
        ] {
            assert_eq!(shown(&pointer, sending, over), expected, "{pointer:?} {sending} {over}");
        }
    }
}
