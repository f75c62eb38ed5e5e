//! Desktop duplication: what the graphics card shows on one monitor.
#![expect(unsafe_code, reason = "DXGI and Direct3D can be called in no other way")]

use std::time::Duration;

use beckon_desk::clock;
use beckon_peer::PointerShape;
use beckon_peer::screen::Rect;
use windows::Win32::Foundation::{HMODULE, POINT, RECT};
use windows::Win32::Graphics::Direct3D::D3D_DRIVER_TYPE_UNKNOWN;
use windows::Win32::Graphics::Direct3D11::{
    D3D11_BOX, D3D11_CPU_ACCESS_READ, D3D11_CREATE_DEVICE_BGRA_SUPPORT, D3D11_MAP_READ,
    D3D11_MAPPED_SUBRESOURCE, D3D11_SDK_VERSION, D3D11_TEXTURE2D_DESC, D3D11_USAGE_STAGING,
    D3D11CreateDevice, ID3D11Device, ID3D11DeviceContext, ID3D11Texture2D,
};
use windows::Win32::Graphics::Dxgi::Common::DXGI_FORMAT_B8G8R8A8_UNORM;
use windows::Win32::Graphics::Dxgi::{
    CreateDXGIFactory1, DXGI_OUTDUPL_FRAME_INFO, DXGI_OUTDUPL_MOVE_RECT,
    DXGI_OUTDUPL_POINTER_SHAPE_INFO, IDXGIAdapter1, IDXGIFactory1, IDXGIOutput1,
    IDXGIOutputDuplication, IDXGIResource,
};
use windows::core::{Error, Interface as _};

use super::course::Refusal;
use super::frame::{Area, Frame, Moved};
use super::pointer_bitmap::{Kind, PointerBitmap};
use super::rotation::Rotation;
use super::wide::text;

/// The first picture of a duplication comes at once; one that does not is not waited for longer.
const FIRST_WITHIN: Duration = Duration::from_millis(250);
/// So much is read of the lists and of the pointer, at most.
const LONGEST: u32 = 16 * 1024 * 1024;

/// The duplication of one monitor, and a copy of its surface that the processor can read.
///
/// A frame is held until the next one is asked for: Windows advises so, because it need not copy
/// for us what it draws meanwhile.
pub struct Duplication {
    factory: IDXGIFactory1,
    device: ID3D11Device,
    context: ID3D11DeviceContext,
    duplication: IDXGIOutputDuplication,
    rotation: Rotation,
    /// `None` before the first picture.
    copy: Option<Copied>,
    is_held: bool,
    /// What of the surface has changed since that was last taken.
    pub changed: Vec<Rect>,
    /// What the pointer looks like, if that has changed since it was last taken.
    pub pointer: Option<PointerShape>,
}

/// What the processor can read.
struct Copied {
    texture: ID3D11Texture2D,
    size: (u32, u32),
    /// INVARIANT: where there is one, the texture is mapped, and no call to the card uses it.
    mapped: Option<D3D11_MAPPED_SUBRESOURCE>,
}

/// The pixels of the whole surface, as blue, green, red and a byte that does not count.
pub struct Surface<'a> {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Bytes from one row to the next.
    pub stride: usize,
    /// All rows.
    pub pixels: &'a [u8],
}

impl Duplication {
    /// Begins to duplicate the monitor of that name, and waits for its first picture.
    pub fn open(name: &str) -> Result<Self, Refusal> {
        let (factory, adapter, output) = find(name)?;
        let (mut device, mut context) = (None, None);
        let driver = (D3D_DRIVER_TYPE_UNKNOWN, HMODULE::default());
        // SAFETY: the adapter is alive, and what is written to are options of the right types
        // that live longer than the call.
        unsafe {
            let (made, drawing) = (Some(&raw mut device), Some(&raw mut context));
            let flags = D3D11_CREATE_DEVICE_BGRA_SUPPORT;
            let version = D3D11_SDK_VERSION;
            D3D11CreateDevice(
                &adapter, driver.0, driver.1, flags, None, version, made, None, drawing,
            )
        }?;
        let device = device.ok_or(Refusal::Unsupported)?;
        let context = context.ok_or(Refusal::Unsupported)?;
        // SAFETY: output and device are alive.
        let duplication = unsafe { output.DuplicateOutput(&device) }?;
        Self::begin(factory, device, context, duplication)
    }

    /// Waits for the first picture.
    pub(super) fn begin(
        factory: IDXGIFactory1,
        device: ID3D11Device,
        context: ID3D11DeviceContext,
        duplication: IDXGIOutputDuplication,
    ) -> Result<Self, Refusal> {
        // SAFETY: it is alive, and gives a copy.
        let rotation = Rotation::of(unsafe { duplication.GetDesc() }.Rotation.0);
        let (copy, changed) = (None, Vec::new());
        let (is_held, pointer) = (false, None);
        let mut opened = Self {
            factory,
            device,
            context,
            duplication,
            rotation,
            copy,
            is_held,
            changed,
            pointer,
        };
        let until = clock::uptime() + FIRST_WITHIN;
        while opened.copy.is_none() {
            let left = until.checked_sub(clock::uptime()).ok_or(Refusal::Nothing)?;
            opened.next(left)?;
        }
        Ok(opened)
    }

    /// How the monitor is turned.
    pub fn rotation(&self) -> Rotation {
        self.rotation
    }

    /// Whether the list of monitors is still what it was when this was last asked.
    pub fn is_current(&mut self) -> bool {
        // SAFETY: it is alive.
        if unsafe { self.factory.IsCurrent() }.as_bool() {
            return true;
        }
        // SAFETY: takes nothing.
        if let Ok(factory) = unsafe { CreateDXGIFactory1() } {
            self.factory = factory;
        }
        false
    }

    /// Waits for the next frame, for at most `longest`, and copies what changed with it; `None`
    /// where there is none.
    pub fn next(&mut self, longest: Duration) -> Result<Option<Frame>, Refusal> {
        self.unmap();
        self.release()?;
        // Rounded up: less than a millisecond would be no time at all, again and again.
        let millis = u32::try_from(longest.as_micros().div_ceil(1_000)).unwrap_or(u32::MAX - 1);
        let (mut told, mut resource) = (DXGI_OUTDUPL_FRAME_INFO::default(), None);
        // SAFETY: both are written to and live longer than the call.
        let acquired =
            unsafe { self.duplication.AcquireNextFrame(millis, &raw mut told, &raw mut resource) };
        match acquired.map_err(Refusal::from) {
            Ok(()) => self.is_held = true,
            Err(Refusal::Nothing) => return Ok(None),
            Err(refusal) => return Err(refusal),
        }
        let frame = self.frame(&told)?;
        if told.PointerShapeBufferSize > 0 {
            self.pointer = self.shape(told.PointerShapeBufferSize)?.or(self.pointer.take());
        }
        if frame.has_picture() {
            self.copy(&frame, resource.ok_or(Refusal::Lost)?)?;
        }
        Ok(Some(frame))
    }

    /// Makes the copy of the surface ready to be read.
    pub fn map(&mut self) -> Result<(), Refusal> {
        let copied = self.copy.as_mut().ok_or(Refusal::Nothing)?;
        if copied.mapped.is_none() {
            let mut mapped = D3D11_MAPPED_SUBRESOURCE::default();
            // SAFETY: the texture is alive, of the same device, made to be read, and not mapped;
            // the answer is written into `mapped`.
            unsafe {
                self.context.Map(&copied.texture, 0, D3D11_MAP_READ, 0, Some(&raw mut mapped))
            }?;
            copied.mapped = Some(mapped);
        }
        Ok(())
    }

    /// The copy of the surface, as long as it is ready to be read.
    pub fn surface(&self) -> Option<Surface<'_>> {
        let copied = self.copy.as_ref()?;
        let mapped = copied.mapped.filter(|mapped| !mapped.pData.is_null())?;
        let index = |length: u32| usize::try_from(length).unwrap_or_default();
        let (stride, size) = (index(mapped.RowPitch), copied.size);
        // The last row may end with its last pixel.
        let length = stride * index(size.1).saturating_sub(1) + index(size.0) * 4;
        // SAFETY: Direct3D has mapped that many readable bytes there until `unmap`, which takes
        // this object mutably, as does everything that lets the card write (INVARIANT).
        let pixels = unsafe { std::slice::from_raw_parts(mapped.pData.cast::<u8>(), length) };
        Some(Surface { size, stride, pixels })
    }

    fn frame(&self, told: &DXGI_OUTDUPL_FRAME_INFO) -> Result<Frame, Refusal> {
        let metadata = told.TotalMetadataBufferSize.min(LONGEST);
        let (mut moved, mut drawn) = (Vec::new(), Vec::new());
        if told.LastPresentTime != 0 && metadata > 0 {
            let mut list: Vec<DXGI_OUTDUPL_MOVE_RECT> = room(metadata);
            let (length, mut used) = (bytes_of(&list), 0);
            // SAFETY: writes at most `length` bytes, which the list has.
            unsafe {
                self.duplication.GetFrameMoveRects(length, list.as_mut_ptr(), &raw mut used)
            }?;
            moved.extend(list.iter().take(count::<DXGI_OUTDUPL_MOVE_RECT>(used)).map(copied));
            let mut list: Vec<RECT> = room(metadata);
            let (length, mut used) = (bytes_of(&list), 0);
            // SAFETY: as above.
            unsafe {
                self.duplication.GetFrameDirtyRects(length, list.as_mut_ptr(), &raw mut used)
            }?;
            drawn.extend(list.iter().take(count::<RECT>(used)).map(area));
        }
        let (presented, pointer) = (told.LastPresentTime, told.LastMouseUpdateTime);
        Ok(Frame { presented, pointer, metadata, moved, drawn })
    }

    fn shape(&self, length: u32) -> Result<Option<PointerShape>, Refusal> {
        let length = length.min(LONGEST);
        let mut bytes: Vec<u8> = room(length);
        let (mut used, mut told) = (0, DXGI_OUTDUPL_POINTER_SHAPE_INFO::default());
        // SAFETY: writes at most `length` bytes, which the buffer has, and one description.
        unsafe {
            let to = bytes.as_mut_ptr().cast();
            self.duplication.GetFramePointerShape(length, to, &raw mut used, &raw mut told)
        }?;
        let Some(kind) = Kind::of(told.Type) else { return Ok(None) };
        let (width, height, pitch) = (told.Width, told.Height, told.Pitch);
        let POINT { x, y } = told.HotSpot;
        let bitmap = PointerBitmap { kind, width, height, pitch, hot: (x, y), bytes: &bytes };
        Ok(bitmap.image().and_then(|image| image.shape(String::new())))
    }

    /// Copies what has changed with the frame that is held.
    fn copy(&mut self, frame: &Frame, resource: IDXGIResource) -> Result<(), Refusal> {
        let from: ID3D11Texture2D = resource.cast()?;
        let mut described = D3D11_TEXTURE2D_DESC::default();
        // SAFETY: it is alive; the answer is written into `described`.
        unsafe { from.GetDesc(&raw mut described) };
        let size = (described.Width, described.Height);
        let changed = match &self.copy {
            Some(copied) if copied.size == size => frame.changed(size),
            Some(_) => return Err(Refusal::Lost),
            None => {
                let texture = readable(&self.device, described)?;
                self.copy = Some(Copied { texture, size, mapped: None });
                vec![Rect { x: 0, y: 0, width: size.0, height: size.1 }]
            }
        };
        let Some(copied) = &self.copy else { return Ok(()) };
        for Rect { x, y, width, height } in &changed {
            let (right, bottom) = (x + width, y + height);
            let part = D3D11_BOX { left: *x, top: *y, front: 0, right, bottom, back: 1 };
            // SAFETY: both textures are alive, of one device, size and format, and not mapped;
            // the box lies within them.
            unsafe {
                let (to, part) = (&copied.texture, Some(&raw const part));
                self.context.CopySubresourceRegion(to, 0, *x, *y, 0, &from, 0, part);
            }
        }
        self.changed.extend(changed);
        Ok(())
    }

    fn unmap(&mut self) {
        if let Some(copied) = &mut self.copy
            && copied.mapped.take().is_some()
        {
            // SAFETY: it is mapped, and no slice of it is left: they borrow this object.
            unsafe { self.context.Unmap(&copied.texture, 0) };
        }
    }

    fn release(&mut self) -> Result<(), Refusal> {
        if std::mem::take(&mut self.is_held) {
            // SAFETY: a frame is held.
            unsafe { self.duplication.ReleaseFrame() }?;
        }
        Ok(())
    }
}

impl Drop for Duplication {
    fn drop(&mut self) {
        self.unmap();
        // Where the duplication is gone, so is the frame.
        let _gone = self.release();
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::of(error.code().0)
    }
}

/// The output of that name, and the graphics card that it is connected to.
fn find(name: &str) -> Result<(IDXGIFactory1, IDXGIAdapter1, IDXGIOutput1), Refusal> {
    // SAFETY: takes nothing; all that is asked is alive, and ends with an error.
    unsafe {
        let factory: IDXGIFactory1 = CreateDXGIFactory1()?;
        for adapter in (0..).map_while(|at| factory.EnumAdapters1(at).ok()) {
            for output in (0..).map_while(|at| adapter.EnumOutputs(at).ok()) {
                let described = output.GetDesc()?;
                if described.AttachedToDesktop.as_bool() && text(&described.DeviceName) == name {
                    return Ok((factory, adapter, output.cast()?));
                }
            }
        }
    }
    Err(Refusal::Lost)
}

/// A texture like the one that is described, for the processor to read.
fn readable(
    device: &ID3D11Device,
    described: D3D11_TEXTURE2D_DESC,
) -> Result<ID3D11Texture2D, Refusal> {
    if described.Format != DXGI_FORMAT_B8G8R8A8_UNORM {
        return Err(Refusal::Unsupported);
    }
    let described = D3D11_TEXTURE2D_DESC {
        MipLevels: 1,
        ArraySize: 1,
        Usage: D3D11_USAGE_STAGING,
        BindFlags: 0,
        CPUAccessFlags: D3D11_CPU_ACCESS_READ.0.cast_unsigned(),
        MiscFlags: 0,
        ..described
    };
    let mut texture = None;
    // SAFETY: the device is alive, and the answer is written into `texture`.
    unsafe { device.CreateTexture2D(&raw const described, None, Some(&raw mut texture)) }?;
    texture.ok_or(Refusal::Unsupported)
}

/// Room for so many bytes, and for one thing at least: nobody says that an empty list is taken.
fn room<T: Clone + Default>(bytes: u32) -> Vec<T> {
    vec![T::default(); count::<T>(bytes) + 1]
}

fn count<T>(bytes: u32) -> usize {
    usize::try_from(bytes).unwrap_or_default() / size_of::<T>()
}

fn bytes_of<T>(list: &[T]) -> u32 {
    u32::try_from(size_of_val(list)).unwrap_or_default()
}

fn copied(moved: &DXGI_OUTDUPL_MOVE_RECT) -> Moved {
    let POINT { x, y } = moved.SourcePoint;
    Moved { from: (x, y), to: area(&moved.DestinationRect) }
}

fn area(rect: &RECT) -> Area {
    Area { left: rect.left, top: rect.top, right: rect.right, bottom: rect.bottom }
}
