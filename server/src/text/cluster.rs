//! What is said of an event store that cannot be used at a start.

use crate::config::Esdb;
use crate::store::probe::{Fault, Missed};
use crate::tls::Refused;

/// No node can be reached: what was found, and what to check.
pub fn cluster_unreachable(cluster: &Esdb, missed: &[Missed]) -> (String, String) {
    let each: Vec<_> = missed.iter().map(|(node, fault)| of_node(node, fault)).collect();
    let found = format!("the event store {cluster} cannot be reached ({})", each.join("; "));
    (found, missed.first().map_or("check store", |(_, fault)| remedy(fault)).to_owned())
}

/// A node can be reached, and yet it cannot be worked with.
pub fn cluster_unusable(cluster: &Esdb, why: &str) -> String {
    // Some say themselves what to do.
    let remedy = if why.contains(": ") {
        ""
    } else {
        "; a connection can be made: check that the cluster has a leader, and read its own log"
    };
    format!("the log in {cluster} cannot be opened ({why}){remedy}")
}

fn of_node(node: &str, fault: &Fault) -> String {
    match fault {
        Fault::Name => format!("{node}: the name is not known"),
        Fault::Closed => format!("{node} refuses the connection"),
        Fault::Silent => format!("{node} does not answer"),
        Fault::Certificate(Refused::Untrusted) => {
            format!("the certificate of {node} is of an authority that is not trusted")
        }
        Fault::Certificate(Refused::OtherName) => {
            format!("the certificate of {node} is for another name")
        }
        Fault::Certificate(Refused::Expired) => format!("the certificate of {node} has expired"),
        Fault::Certificate(Refused::NotYet) => {
            format!("the certificate of {node} is not valid yet")
        }
        Fault::Certificate(Refused::NoTls(why)) => format!("{node} does not speak TLS: {why}"),
        Fault::Other(why) => format!("{node}: {why}"),
    }
}

fn remedy(fault: &Fault) -> &'static str {
    match fault {
        Fault::Name => "check the host in store, and this machine's DNS",
        Fault::Closed => "check that it runs, and host and port in store",
        Fault::Silent => "check that it runs, host and port in store, and the firewall",
        Fault::Certificate(Refused::Untrusted) => {
            "check that esdb.ca_file is the authority of this cluster"
        }
        Fault::Certificate(Refused::OtherName) => {
            "check the host in store: it must be one that the certificate names"
        }
        Fault::Certificate(Refused::Expired) => "check that the cluster has a renewed certificate",
        Fault::Certificate(Refused::NotYet) => "check this machine's clock",
        Fault::Certificate(Refused::NoTls(_)) => {
            "check the port in store, and whether the cluster needs tls=false"
        }
        Fault::Other(_) => "check store, and this machine's network",
    }
}
