//! A duplication that tells tests what they want to hear, on a real device.
#![expect(unsafe_code, reason = "DXGI and Direct3D can be called, and answered, in no other way")]
#![expect(clippy::ref_as_ptr, clippy::inline_always, reason = "made by the macro of an interface")]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::c_void;
use std::rc::Rc;
use std::time::Duration;

use beckon_peer::screen::Rect;
use windows::Win32::Foundation::{E_NOTIMPL, HMODULE, POINT, RECT};
use windows::Win32::Graphics::Direct3D::D3D_DRIVER_TYPE_HARDWARE;
use windows::Win32::Graphics::Direct3D11::{
    D3D11_BIND_RENDER_TARGET, D3D11_BOX, D3D11_CREATE_DEVICE_FLAG, D3D11_SDK_VERSION,
    D3D11_TEXTURE2D_DESC, D3D11CreateDevice, ID3D11Device, ID3D11DeviceContext, ID3D11Texture2D,
};
use windows::Win32::Graphics::Dxgi::Common::{
    DXGI_FORMAT_B8G8R8A8_UNORM, DXGI_MODE_ROTATION, DXGI_SAMPLE_DESC,
};
use windows::Win32::Graphics::Dxgi::*;
use windows::core::{GUID, HRESULT, IUnknown, Interface as _, OutRef, Ref, Result, implement};

use super::course::Refusal;
use super::duplication::Duplication;
use super::frame::{Area, Moved};

/// What a call for the next frame gives.
#[derive(Clone, Default)]
pub struct Step {
    /// What is on the surface from now on: blue, green, red.
    pub paints: Vec<(Rect, [u8; 3])>,
    /// Whether the picture is said to have changed, and whether it is said where.
    pub is_picture: bool,
    pub is_told: bool,
    pub moved: Vec<Moved>,
    pub drawn: Vec<Area>,
    /// A pointer of one opaque colour.
    pub pointer: Option<[u8; 4]>,
}

/// What is still to come.
pub type Steps = Rc<RefCell<VecDeque<std::result::Result<Step, HRESULT>>>>;

#[implement(IDXGIOutputDuplication)]
struct Scripted {
    steps: Steps,
    context: ID3D11DeviceContext,
    surface: ID3D11Texture2D,
    rotation: i32,
    current: RefCell<Step>,
    is_held: Cell<bool>,
}

/// Begins to duplicate a surface of that size, turned by that code of DXGI.
pub fn open(
    steps: &Steps,
    (width, height): (u32, u32),
    rotation: i32,
) -> std::result::Result<Duplication, Refusal> {
    let (mut device, mut context) = (None, None);
    let (mut surface, none) = (None, HMODULE::default());
    // SAFETY: everything that is written to lives longer than the calls.
    let factory = unsafe {
        let (made, drawing) = (Some(&raw mut device), Some(&raw mut context));
        let hardware = D3D_DRIVER_TYPE_HARDWARE;
        let flags = D3D11_CREATE_DEVICE_FLAG::default();
        D3D11CreateDevice(
            None,
            hardware,
            none,
            flags,
            None,
            D3D11_SDK_VERSION,
            made,
            None,
            drawing,
        )
        .unwrap();
        let described = D3D11_TEXTURE2D_DESC {
            Width: width,
            Height: height,
            MipLevels: 1,
            ArraySize: 1,
            Format: DXGI_FORMAT_B8G8R8A8_UNORM,
            SampleDesc: DXGI_SAMPLE_DESC { Count: 1, Quality: 0 },
            BindFlags: D3D11_BIND_RENDER_TARGET.0.cast_unsigned(),
            ..D3D11_TEXTURE2D_DESC::default()
        };
        let device: &ID3D11Device = device.as_ref().unwrap();
        device.CreateTexture2D(&raw const described, None, Some(&raw mut surface)).unwrap();
        CreateDXGIFactory1().unwrap()
    };
    let (device, context) = (device.unwrap(), context.unwrap());
    let scripted = Scripted {
        steps: Rc::clone(steps),
        context: context.clone(),
        surface: surface.unwrap(),
        rotation,
        current: RefCell::default(),
        is_held: Cell::new(false),
    };
    Duplication::begin(factory, device, context, scripted.into())
}

impl Scripted {
    fn paint(&self, rect: Rect, [blue, green, red]: [u8; 3]) {
        let pixels = [blue, green, red, 0x5A].repeat(usize::try_from(rect.area()).unwrap());
        let (right, bottom) = (rect.x + rect.width, rect.y + rect.height);
        let to = D3D11_BOX { left: rect.x, top: rect.y, front: 0, right, bottom, back: 1 };
        // SAFETY: the box is on the surface, and there are pixels for all of it.
        unsafe {
            let (to, from) = (Some(&raw const to), pixels.as_ptr().cast());
            self.context.UpdateSubresource(&self.surface, 0, to, from, rect.width * 4, 0);
        }
    }

    fn list<T: Copy>(&self, all: &[T], room: u32, to: *mut T, used: *mut u32) -> Result<()> {
        if !self.is_held.get() {
            return Err(DXGI_ERROR_INVALID_CALL.into());
        }
        let length = u32::try_from(size_of_val(all)).unwrap();
        // SAFETY: there is room for so many, as is checked, and for a number.
        unsafe {
            used.write(length);
            if length > room {
                return Err(DXGI_ERROR_MORE_DATA.into());
            }
            to.copy_from_nonoverlapping(all.as_ptr(), all.len());
        }
        Ok(())
    }
}

#[expect(non_snake_case, reason = "the names are those of Windows")]
impl IDXGIOutputDuplication_Impl for Scripted_Impl {
    fn GetDesc(&self, to: *mut DXGI_OUTDUPL_DESC) {
        let Rotation = DXGI_MODE_ROTATION(self.rotation);
        // SAFETY: there is room for one.
        unsafe { to.write(DXGI_OUTDUPL_DESC { Rotation, ..DXGI_OUTDUPL_DESC::default() }) };
    }

    fn AcquireNextFrame(
        &self,
        millis: u32,
        told: *mut DXGI_OUTDUPL_FRAME_INFO,
        resource: OutRef<IDXGIResource>,
    ) -> Result<()> {
        if self.is_held.get() {
            return Err(DXGI_ERROR_INVALID_CALL.into());
        }
        let Some(step) = self.steps.borrow_mut().pop_front() else {
            std::thread::sleep(Duration::from_millis(millis.into()));
            return Err(DXGI_ERROR_WAIT_TIMEOUT.into());
        };
        let step = step?;
        for (rect, color) in &step.paints {
            self.paint(*rect, *color);
        }
        let lists = step.moved.len() * 24 + step.drawn.len() * 16;
        let answer = DXGI_OUTDUPL_FRAME_INFO {
            LastPresentTime: i64::from(step.is_picture) * 81_203_554_961,
            LastMouseUpdateTime: i64::from(!step.is_picture) * 81_203_554_961,
            AccumulatedFrames: u32::from(step.is_picture),
            TotalMetadataBufferSize: if step.is_told { u32::try_from(lists).unwrap() } else { 0 },
            PointerShapeBufferSize: if step.pointer.is_some() { 8 } else { 0 },
            ..DXGI_OUTDUPL_FRAME_INFO::default()
        };
        // SAFETY: there is room for one.
        unsafe { told.write(answer) };
        resource.write(Some(self.surface.cast()?))?;
        self.is_held.set(true);
        self.current.replace(step);
        Ok(())
    }

    fn GetFrameDirtyRects(&self, room: u32, to: *mut RECT, used: *mut u32) -> Result<()> {
        let all = self.current.borrow().drawn.iter().map(rect).collect::<Vec<_>>();
        self.list(&all, room, to, used)
    }

    fn GetFrameMoveRects(
        &self,
        room: u32,
        to: *mut DXGI_OUTDUPL_MOVE_RECT,
        used: *mut u32,
    ) -> Result<()> {
        let one = |moved: &Moved| DXGI_OUTDUPL_MOVE_RECT {
            SourcePoint: POINT { x: moved.from.0, y: moved.from.1 },
            DestinationRect: rect(&moved.to),
        };
        let all = self.current.borrow().moved.iter().map(one).collect::<Vec<_>>();
        self.list(&all, room, to, used)
    }

    fn GetFramePointerShape(
        &self,
        room: u32,
        to: *mut c_void,
        used: *mut u32,
        told: *mut DXGI_OUTDUPL_POINTER_SHAPE_INFO,
    ) -> Result<()> {
        let pixels = self.current.borrow().pointer.unwrap().repeat(2);
        let answer = DXGI_OUTDUPL_POINTER_SHAPE_INFO {
            Type: 2,
            Width: 2,
            Height: 1,
            Pitch: 8,
            HotSpot: POINT { x: 1, y: 0 },
        };
        // SAFETY: there is room for one.
        unsafe { told.write(answer) };
        self.list(&pixels, room, to.cast(), used)
    }

    fn MapDesktopSurface(&self) -> Result<DXGI_MAPPED_RECT> {
        Err(DXGI_ERROR_UNSUPPORTED.into())
    }

    fn UnMapDesktopSurface(&self) -> Result<()> {
        Err(DXGI_ERROR_INVALID_CALL.into())
    }

    fn ReleaseFrame(&self) -> Result<()> {
        if self.is_held.replace(false) { Ok(()) } else { Err(DXGI_ERROR_INVALID_CALL.into()) }
    }
}

impl IDXGIObject_Impl for Scripted_Impl {
    fn SetPrivateData(&self, _: *const GUID, _: u32, _: *const c_void) -> Result<()> {
        Err(E_NOTIMPL.into())
    }

    fn SetPrivateDataInterface(&self, _: *const GUID, _: Ref<IUnknown>) -> Result<()> {
        Err(E_NOTIMPL.into())
    }

    fn GetPrivateData(&self, _: *const GUID, _: *mut u32, _: *mut c_void) -> Result<()> {
        Err(E_NOTIMPL.into())
    }

    fn GetParent(&self, _: *const GUID, _: *mut *mut c_void) -> Result<()> {
        Err(E_NOTIMPL.into())
    }
}

fn rect(area: &Area) -> RECT {
    RECT { left: area.left, top: area.top, right: area.right, bottom: area.bottom }
}
