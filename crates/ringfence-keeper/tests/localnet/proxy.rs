//! A TCP proxy that can be cut.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

#[derive(Default)]
struct Lines {
    cut: bool,
    open: Vec<TcpStream>,
}

/// Forwards to another port of loopback until it is cut.
pub struct Proxy {
    port: u16,
    lines: Arc<Mutex<Lines>>,
}

impl Proxy {
    pub fn to(url: &str) -> Self {
        let target = url.strip_prefix("ws://").expect("a websocket").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let lines = Arc::new(Mutex::new(Lines::default()));
        let shared = Arc::clone(&lines);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let mut lines = shared.lock().expect("no thread panics");
                if lines.cut {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&target) else { return };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (copy(from), copy(to));
                    lines.open.push(copy(&from));
                    thread::spawn(move || forward(from, to));
                }
            }
        });
        Self { port, lines }
    }

    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Ends every connection, and refuses new ones until it is mended.
    pub fn cut(&self) {
        let mut lines = self.lines.lock().expect("no thread panics");
        lines.cut = true;
        for line in lines.open.drain(..) {
            let _ = line.shutdown(Shutdown::Both);
        }
    }

    pub fn mend(&self) {
        self.lines.lock().expect("no thread panics").cut = false;
    }
}

fn copy(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a handle")
}

fn forward(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
}
