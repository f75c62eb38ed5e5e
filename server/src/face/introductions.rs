//! The services with which a client finds out whom it speaks to; both need no token.

use std::task::{Context, Poll};

use tonic::codegen::{Service, http};
use tonic::server::NamedService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::entry::{Ids, ticks};
use super::proto::gossip::gossip_server::Gossip;
use super::proto::gossip::member_info::VNodeState;
use super::proto::gossip::{ClusterInfo, EndPoint, MemberInfo};
use super::proto::server_features::server_features_server::ServerFeatures;
use super::proto::server_features::{SupportedMethod, SupportedMethods};
use super::wire::Caller;
use crate::clock::{Clock, SystemClock};

/// The version of the protocol's server that this one stands for.
const SPOKEN: &str = "23.10.0";

/// Says what this server can do.
pub(super) struct Features {
    /// The methods of the service `streams`, in lower case as clients compare them.
    pub streams: &'static [&'static str],
}

/// Says that this server leads itself.
pub(super) struct Alone {
    /// Names this run of the server.
    pub instance: Uuid,
    #[cfg(feature = "esdb-peer")]
    pub faults: Option<super::peer::Faults>,
}

/// The name and port by which a client called.
#[derive(Clone)]
struct CalledAs(http::uri::Authority);

/// Keeps [`CalledAs`] for the service behind it.
#[derive(Clone)]
pub(super) struct Called<S>(pub S);

#[tonic::async_trait]
impl ServerFeatures for Features {
    async fn get_supported_methods(
        &self,
        _: Request<()>,
    ) -> Result<Response<SupportedMethods>, Status> {
        let method = |service_name: &str, name: &str| SupportedMethod {
            method_name: name.to_owned(),
            service_name: service_name.to_owned(),
            features: Vec::new(),
        };
        let streams = self.streams.iter();
        let mut methods: Vec<_> =
            streams.map(|name| method("event_store.client.streams.streams", name)).collect();
        methods.push(method("event_store.client.gossip.gossip", "read"));
        methods.push(method(
            "event_store.client.server_features.serverfeatures",
            "getsupportedmethods",
        ));
        let event_store_server_version = SPOKEN.to_owned();
        Ok(Response::new(SupportedMethods { methods, event_store_server_version }))
    }
}

#[tonic::async_trait]
impl Gossip for Alone {
    async fn read(&self, request: Request<()>) -> Result<Response<ClusterInfo>, Status> {
        let extensions = request.extensions();
        // A client that was given another name would look for that in the certificate.
        let called = extensions.get::<CalledAs>().map(|CalledAs(authority)| {
            let address = authority.host().trim_start_matches('[').trim_end_matches(']');
            (address.to_owned(), authority.port_u16())
        });
        let bound = extensions.get::<Caller>().map(|caller| caller.local);
        let port = called.as_ref().and_then(|(_, port)| *port).or(bound.map(|b| b.port()));
        let address = called.map(|(address, _)| address).or(bound.map(|b| b.ip().to_string()));
        let here = EndPoint {
            address: address.unwrap_or_default(),
            port: port.unwrap_or_default().into(),
        };
        let member = |state: VNodeState, http_end_point: EndPoint| MemberInfo {
            instance_id: Some(Ids::Text.write(self.instance)),
            time_stamp: i64::try_from(ticks(SystemClock::new().now())).unwrap_or(i64::MAX),
            state: state.into(),
            is_alive: true,
            http_end_point: Some(http_end_point),
        };
        #[cfg(feature = "esdb-peer")]
        if let Some(leader) = self.faults.as_ref().and_then(super::peer::Faults::leader_of_gossip) {
            let there = EndPoint { address: leader.ip().to_string(), port: leader.port().into() };
            let members =
                vec![member(VNodeState::Follower, here), member(VNodeState::Leader, there)];
            return Ok(Response::new(ClusterInfo { members }));
        }
        Ok(Response::new(ClusterInfo { members: vec![member(VNodeState::Leader, here)] }))
    }
}

impl<S, B> Service<http::Request<B>> for Called<S>
where
    S: Service<http::Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        if let Some(authority) = request.uri().authority().cloned() {
            request.extensions_mut().insert(CalledAs(authority));
        }
        self.0.call(request)
    }
}

impl<S: NamedService> NamedService for Called<S> {
    const NAME: &'static str = S::NAME;
}
