use super::color::mixed;
use super::*;

use std::sync::Arc;

use egui::epaint::Shape;
use egui::{Color32, ColorImage, Rect, TextureOptions, pos2, vec2};

const PAPER: u32 = 0x00ff_ffff;

fn texture(size: [usize; 2], pixels: &[Color32], options: TextureOptions) -> Raster {
    let image = ColorImage::new(size, pixels.to_vec());
    let mut changes = TexturesDelta::default();
    changes.push(TextureId::default(), ImageDelta::full(Arc::new(image), options));
    let mut raster = Raster::default();
    raster.take_in(&changes);
    changes.clear();
    raster
}

fn plain() -> Raster {
    texture([1, 1], &[Color32::WHITE], TextureOptions::LINEAR)
}

fn shape(mesh: Mesh, clip: Rect) -> ClippedPrimitive {
    ClippedPrimitive { clip_rect: clip, primitive: Primitive::Mesh(mesh) }
}

fn painted(raster: &Raster, mesh: Mesh, scale: f32, size: [usize; 2]) -> Vec<u32> {
    let [width, height] = size;
    let mut pixels = vec![PAPER; width * height];
    let mut canvas = Canvas { width, height, pixels: &mut pixels };
    raster.paint(&[shape(mesh, Rect::EVERYTHING)], scale, &mut canvas);
    pixels
}

#[test]
fn a_rectangle_covers_its_pixels_and_no_others() {
    let mut mesh = Mesh::default();
    let red = Color32::from_rgb(255, 0, 0);
    mesh.add_colored_rect(Rect::from_min_size(pos2(1.0, 1.0), vec2(2.0, 1.0)), red);
    let (w, r) = (PAPER, 0x00ff_0000);
    let expected = [w, w, w, w, w, r, r, w, w, w, w, w];
    assert_eq!(painted(&plain(), mesh, 1.0, [4, 3]), expected);
}

#[test]
fn two_triangles_share_no_pixel_and_leave_none_out() {
    let half = Color32::from_black_alpha(128);
    for turned in [false, true] {
        let mut mesh = Mesh::default();
        for place in [[0.3, 0.2], [7.9, 0.6], [7.2, 7.7], [0.1, 6.9]] {
            mesh.colored_vertex(pos2(place[0], place[1]), half);
        }
        let [one, other] = if turned { [[0, 2, 1], [0, 3, 2]] } else { [[0, 1, 2], [3, 0, 2]] };
        mesh.indices.extend(one.into_iter().chain(other));
        let pixels = painted(&plain(), mesh, 1.0, [8, 8]);
        let shade = over(packed(half.to_array()), PAPER);
        assert!(pixels.iter().all(|pixel| [shade, PAPER].contains(pixel)), "{pixels:x?}");
        let inside = pixels.iter().filter(|pixel| **pixel == shade).count();
        assert!((48..=56).contains(&inside), "{inside}");
    }
}

#[test]
fn a_picture_of_the_same_size_is_shown_pixel_by_pixel() {
    let size = [61, 37];
    let tone = |i: usize| Color32::from_rgb(i as u8, (i / 7) as u8, (i * 13) as u8);
    let image: Vec<_> = (0..61 * 37).map(tone).collect();
    let raster = texture(size, &image, TextureOptions::LINEAR);
    let mut mesh = Mesh::with_texture(TextureId::default());
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    // A point is one and a half pixels here.
    let at = Rect::from_min_size(pos2(2.0, 4.0), vec2(61.0, 37.0) / 1.5);
    mesh.add_rect_with_uv(at, whole, Color32::WHITE);
    let pixels = painted(&raster, mesh, 1.5, [80, 60]);
    for (i, color) in image.iter().enumerate() {
        let (x, y) = (i % 61 + 3, i / 61 + 6);
        assert_eq!(pixels[y * 80 + x], over(packed(color.to_array()), 0), "{x} {y}");
    }
}

#[test]
fn colours_and_textures_change_evenly() {
    let black_and_white = [Color32::BLACK, Color32::WHITE];
    for (options, middle) in [(TextureOptions::LINEAR, 0x60..0xa0), (TextureOptions::NEAREST, 0..1)]
    {
        let raster = texture([2, 1], &black_and_white, options);
        let mut mesh = Mesh::with_texture(TextureId::default());
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        mesh.add_rect_with_uv(
            Rect::from_min_size(pos2(0.0, 0.0), vec2(8.0, 1.0)),
            whole,
            Color32::WHITE,
        );
        let pixels = painted(&raster, mesh, 1.0, [8, 1]);
        assert_eq!((pixels[0], pixels[7]), (0, PAPER));
        assert!(middle.contains(&(pixels[3] & 0xff)), "{pixels:x?}");
        assert!(pixels.is_sorted());
    }
}

#[test]
fn colours_are_mixed_channel_by_channel() {
    assert_eq!(mixed(0x00ff_8000, 0xff00_80ff, 128), 0x8080_8080);
    assert_eq!(mixed(0x1234_5678, 0x9abc_def0, 0), 0x1234_5678);
    assert_eq!(product(0xff80_4000, 0xffff_ff80), 0xff80_4000);
    assert_eq!(product(0x8080_8080, 0x80ff_00ff), 0x4080_0080);
    assert_eq!(over(0x8080_0000, 0x0000_00ff), 0x0080_007f);
    assert_eq!(over(0x00ff_ffff, 0x0012_3456), 0x00ff_ffff, "light is added");
}

#[test]
fn nothing_is_painted_outside_of_what_is_cut_out() {
    let mut mesh = Mesh::default();
    mesh.add_colored_rect(Rect::from_min_max(pos2(-1e6, -1e6), pos2(1e6, 1e6)), Color32::BLACK);
    let clip = Rect::from_min_max(pos2(1.0, 1.0), pos2(2.0, 5.0));
    let mut pixels = vec![PAPER; 9];
    let mut canvas = Canvas { width: 3, height: 3, pixels: &mut pixels };
    plain().paint(&[shape(mesh, clip)], 1.0, &mut canvas);
    let (w, b) = (PAPER, 0);
    assert_eq!(pixels, [w, w, w, w, b, w, w, b, w]);
}

#[test]
fn a_part_of_a_texture_changes_and_an_unused_one_is_forgotten() {
    let mut raster = texture([2, 2], &[Color32::BLACK; 4], TextureOptions::NEAREST);
    let one = ColorImage::new([1, 1], vec![Color32::WHITE]);
    let mut changes = TexturesDelta::default();
    let part = ImageDelta::partial([1, 0], Arc::new(one), TextureOptions::NEAREST);
    changes.push(TextureId::default(), part);
    raster.take_in(&changes);
    changes.clear();
    let mut mesh = Mesh::with_texture(TextureId::default());
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    let at = Rect::from_min_size(pos2(0.0, 0.0), vec2(2.0, 2.0));
    mesh.add_rect_with_uv(at, whole, Color32::WHITE);
    assert_eq!(painted(&raster, mesh.clone(), 1.0, [2, 2]), [0, PAPER, 0, 0]);
    let mut gone = TexturesDelta::default();
    gone.free(TextureId::default());
    raster.forget(&gone);
    gone.clear();
    assert_eq!(painted(&raster, mesh, 1.0, [2, 2]), [PAPER; 4]);
}

#[test]
fn text_is_painted() {
    let ctx = egui::Context::default();
    let mut raster = Raster::default();
    let mut pixels = vec![PAPER; 200 * 60];
    for _ in 0..2 {
        let output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let font = egui::FontId::proportional(30.0);
            let painter = ui.ctx().debug_painter();
            painter.add(Shape::Noop);
            painter.text(pos2(4.0, 4.0), egui::Align2::LEFT_TOP, "Beckon", font, Color32::BLACK);
        });
        raster.take_in(&output.textures_delta);
        let shapes = ctx.tessellate(output.shapes, output.pixels_per_point);
        let mut canvas = Canvas { width: 200, height: 60, pixels: &mut pixels };
        raster.paint(&shapes, 1.0, &mut canvas);
        let mut changes = output.textures_delta;
        raster.forget(&changes);
        changes.clear();
    }
    let dark = pixels.iter().filter(|pixel| **pixel & 0xff < 0x40).count();
    assert!((400..2_500).contains(&dark), "{dark} of {} pixels are dark", pixels.len());
}
