//! Stand-ins of the providers that Dunwell talks to: stateful, strict and spoken to over real HTTP. The demo, the tests
//! and `dunwell sandbox --provider …` use them. They are written from the providers' own documents and import nothing
//! of the product, so that they do not repeat its misreadings.
