//! The window: its panel without a display, and the whole program under Xvfb with a real mouse.
#![cfg(feature = "viewer")]

#[path = "viewer/display.rs"]
mod display;
#[path = "viewer/panel.rs"]
mod panel;
#[path = "viewer/screen.rs"]
mod screen;
#[path = "viewer/window.rs"]
mod window;
