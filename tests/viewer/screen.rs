//! A display of its own for a test: Xvfb, its mouse, its pictures.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConfigureWindowAux, ConnectionExt as _, EventMask, ImageFormat,
    InputFocus, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// Room for the window at twice its size.
const WIDTH: u16 = 2600;
const HEIGHT: u16 = 1700;

/// X11 event codes.
const KEY_PRESS: u8 = 2;
const KEY_RELEASE: u8 = 3;
const BUTTON_PRESS: u8 = 4;
const BUTTON_RELEASE: u8 = 5;
const MOTION: u8 = 6;

/// A virtual display.
pub struct Screen {
    server: Child,
    pub display: String,
    x: RustConnection,
    root: Window,
}

impl Screen {
    /// Starts Xvfb on a free display; `None` if it is not installed.
    pub fn start() -> Option<Self> {
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-nolisten",
                "tcp",
                "-screen",
                "0",
                &format!("{WIDTH}x{HEIGHT}x24"),
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut number = String::new();
        let out = server.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut number).unwrap();
        let display = format!(":{}", number.trim());
        let (x, screen) = RustConnection::connect(Some(&display)).unwrap();
        let root = x.setup().roots[screen].root;
        Some(Self {
            server,
            display,
            x,
            root,
        })
    }

    /// The visible window whose title starts with a text.
    pub fn window(&self, title: &str) -> Option<Window> {
        let utf8 = self.atom("_NET_WM_NAME");
        let mut open = vec![self.root];
        while let Some(at) = open.pop() {
            let name = self
                .x
                .get_property(false, at, utf8, AtomEnum::ANY, 0, 256)
                .ok()?
                .reply()
                .ok()?;
            if String::from_utf8_lossy(&name.value).starts_with(title) {
                return Some(at);
            }
            open.extend(self.x.query_tree(at).ok()?.reply().ok()?.children);
        }
        None
    }

    fn atom(&self, name: &str) -> u32 {
        self.x
            .intern_atom(false, name.as_bytes())
            .unwrap()
            .reply()
            .unwrap()
            .atom
    }

    /// Moves the mouse to a pixel of a window.
    pub fn point(&self, window: Window, at: [i32; 2]) {
        let place = self
            .x
            .translate_coordinates(window, self.root, at[0] as i16, at[1] as i16)
            .unwrap()
            .reply()
            .unwrap();
        self.fake(MOTION, 0, place.dst_x, place.dst_y);
    }

    /// Presses the left button.
    pub fn press(&self) {
        self.fake(BUTTON_PRESS, 1, 0, 0);
    }

    /// Releases the left button.
    pub fn release(&self) {
        self.fake(BUTTON_RELEASE, 1, 0, 0);
    }

    /// Turns the wheel, away from the hand or toward it.
    pub fn wheel(&self, away: bool) {
        let button = if away { 4 } else { 5 };
        self.fake(BUTTON_PRESS, button, 0, 0);
        self.fake(BUTTON_RELEASE, button, 0, 0);
    }

    /// Clicks the middle of a rectangle.
    pub fn click(&self, window: Window, rect: [i32; 4]) {
        self.point(window, [(rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2]);
        self.press();
        self.release();
    }

    /// Types a text of small letters, digits and `/.-` into a window, as a keyboard does.
    pub fn write(&self, window: Window, text: &str) {
        // Without a window manager nobody gives a window the keyboard.
        self.x
            .set_input_focus(InputFocus::PARENT, window, 0_u32)
            .unwrap();
        self.x.flush().unwrap();
        std::thread::sleep(Duration::from_millis(200));
        let setup = self.x.setup();
        let (least, most) = (setup.min_keycode, setup.max_keycode);
        let map = self
            .x
            .get_keyboard_mapping(least, most - least + 1)
            .unwrap()
            .reply()
            .unwrap();
        let per_key = usize::from(map.keysyms_per_keycode);
        for letter in text.chars() {
            // The keysym of a Latin-1 letter is its number.
            let key = map
                .keysyms
                .iter()
                .step_by(per_key)
                .position(|sym| *sym == letter as u32);
            let code = least + u8::try_from(key.expect("a key for every letter")).unwrap();
            self.fake(KEY_PRESS, code, 0, 0);
            self.fake(KEY_RELEASE, code, 0, 0);
        }
    }

    fn fake(&self, kind: u8, detail: u8, x: i16, y: i16) {
        self.x
            .xtest_fake_input(kind, detail, 0, self.root, x, y, 0)
            .unwrap();
        self.x.flush().unwrap();
        // A hand is slower than a socket; events in one frame would be one event.
        std::thread::sleep(Duration::from_millis(60));
    }

    /// Gives a window another size.
    pub fn resize(&self, window: Window, size: [u32; 2]) {
        let aux = ConfigureWindowAux::new().width(size[0]).height(size[1]);
        self.x.configure_window(window, &aux).unwrap();
        self.x.flush().unwrap();
    }

    /// Asks a window to close, as its close button does.
    pub fn close(&self, window: Window) {
        let data = [self.atom("WM_DELETE_WINDOW"), 0, 0, 0, 0];
        let event = ClientMessageEvent::new(32, window, self.atom("WM_PROTOCOLS"), data);
        self.x
            .send_event(false, window, EventMask::NO_EVENT, event)
            .unwrap();
        self.x.flush().unwrap();
    }

    /// What a window shows, also written to a file.
    pub fn shot(&self, window: Window, path: &Path) -> image::RgbImage {
        let size = self.x.get_geometry(window).unwrap().reply().unwrap();
        let (width, height) = (size.width, size.height);
        let reply = self
            .x
            .get_image(ImageFormat::Z_PIXMAP, window, 0, 0, width, height, u32::MAX)
            .unwrap()
            .reply()
            .unwrap();
        let rgb = reply
            .data
            .chunks_exact(4)
            .flat_map(|p| [p[2], p[1], p[0]])
            .collect();
        let image = image::RgbImage::from_raw(width.into(), height.into(), rgb).unwrap();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        image.save(path).unwrap();
        image
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
