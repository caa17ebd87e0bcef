//! The server's side of it: nothing happens.

pub mod live {
    //! Makes the page live.

    /// Does nothing on the server.
    pub const fn start() {}
}

pub mod create_key {
    //! Makes the dialog for a new key live.

    /// Does nothing on the server.
    pub const fn start() {}
}
