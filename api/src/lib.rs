//! The GraphQL door into the product: who asks, the shape of the answer, what is pushed live. It decides nothing about
//! money or letters; that is `domain`'s. It never speaks to mail servers or accounting systems; that is `adapters`'.

pub mod graphql;
