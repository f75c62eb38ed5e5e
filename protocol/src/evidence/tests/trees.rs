use std::cell::RefCell;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// Just over two full levels, so that a third begins.
const MANY: u64 = 65_536 + 300;
static FOLDER: LazyLock<Folder> = LazyLock::new(|| Folder::of(MANY));
/// The root of every size up to [`MANY`], by the frontier.
static ROOTS: LazyLock<Vec<Digest>> = LazyLock::new(|| {
    let mut frontier = Frontier::default();
    let grow = |n| {
        frontier.push(leaf(n));
        frontier.root()
    };
    [empty_root()].into_iter().chain((0..MANY).map(grow)).collect()
});

fn root_of(size: u64) -> Digest {
    ROOTS[usize::try_from(size).unwrap()]
}

/// MTH, PATH and PROOF as RFC 6962 defines them, by recursion.
mod rfc {
    use super::*;

    fn split(leaves: &[Digest]) -> usize {
        leaves.len().next_power_of_two() / 2
    }

    pub fn root(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => Digest::of(b""),
            [one] => *one,
            _ => {
                let (left, right) = leaves.split_at(split(leaves));
                let mut bytes = vec![1];
                bytes.extend(root(left).0);
                bytes.extend(root(right).0);
                Digest::of(&bytes)
            }
        }
    }

    pub fn inclusion(at: usize, leaves: &[Digest]) -> Vec<Digest> {
        if leaves.len() == 1 {
            return vec![];
        }
        let (left, right) = leaves.split_at(split(leaves));
        let (mut path, other) = if at < left.len() {
            (inclusion(at, left), root(right))
        } else {
            (inclusion(at - left.len(), right), root(left))
        };
        path.push(other);
        path
    }

    pub fn consistency(old: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
        if old == leaves.len() {
            return if whole { vec![] } else { vec![root(leaves)] };
        }
        let (left, right) = leaves.split_at(split(leaves));
        let (mut path, other) = if old <= left.len() {
            (consistency(old, left, whole), root(right))
        } else {
            (consistency(old - left.len(), right, false), root(left))
        };
        path.push(other);
        path
    }
}

fn leaves(size: u64) -> Vec<Digest> {
    (0..size).map(leaf).collect()
}

fn flipped(hash: Digest, bit: u8) -> Digest {
    let mut hash = hash;
    hash.0[usize::from(bit / 8)] ^= 1 << (bit % 8);
    hash
}

#[test]
fn the_published_vectors_of_certificate_transparency() {
    const ENTRIES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let (mut frontier, mut tiler) = (Frontier::default(), Tiler::default());
    let mut roots = vec![frontier.root()];
    for entry in ENTRIES {
        frontier.push(beckon_events::envelope::leaf(entry));
        tiler.push(beckon_events::envelope::leaf(entry));
        assert_eq!(tiler.root(), frontier.root());
        roots.push(frontier.root());
    }
    assert_eq!(roots, ROOTS.map(hex));

    let mut folder = Folder::default();
    folder.write(tiler.partials());
    let proof = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(inclusion(5, 8, &folder).unwrap(), proof.map(hex));
    let proof = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    assert_eq!(consistency(1, 8, &folder).unwrap(), proof.map(hex));
    assert!(verify_consistency(1, &roots[1], 8, &roots[8], &proof.map(hex)));
}

#[test]
fn proofs_are_those_of_the_rfc_for_every_leaf_and_every_older_tree() {
    for size in (0..=40).chain([255, 256, 257, 513]) {
        let (folder, all) = (Folder::of(size), leaves(size));
        let top = rfc::root(&all);
        assert_eq!(root(size, &folder), Some(top), "size {size}");
        assert_eq!(root_of(size), top);
        // Where trees are large, the places around tiles' edges only.
        let near = |n: &u64| size <= 40 || [0, 1, 3].contains(&(n % 128)) || n % 128 > 126;
        for at in (0..size).filter(near) {
            let proof = inclusion(at, size, &folder).unwrap();
            let index = usize::try_from(at).unwrap();
            assert_eq!(proof, rfc::inclusion(index, &all), "{at} of {size}");
            assert!(verify_inclusion(&leaf(at), at, size, &proof, &top), "{at} of {size}");
            if at > 0 {
                let proof = consistency(at, size, &folder).unwrap();
                assert_eq!(proof, rfc::consistency(index, &all, true), "{at} to {size}");
                assert!(verify_consistency(at, &root_of(at), size, &top, &proof), "{at} to {size}");
            }
        }
    }
}

#[test]
fn the_edges_of_the_question() {
    let nothing = |_: TileAt| None;
    assert_eq!(root(0, &nothing), Some(empty_root()));
    assert_eq!(root(1, &nothing), None, "a missing tile is no tree");
    assert_eq!(inclusion(0, 0, &nothing), None);
    assert_eq!(inclusion(7, 7, &*FOLDER), None);
    assert_eq!(consistency(8, 7, &*FOLDER), None);
    assert_eq!(consistency(0, 7, &nothing), Some(vec![]));
    let (old, new) = (root_of(5), root_of(7));
    assert!(verify_consistency(0, &empty_root(), 7, &new, &[]));
    assert!(!verify_consistency(0, &old, 7, &new, &[]), "an empty tree has its own root");
    assert!(!verify_consistency(0, &empty_root(), 7, &new, &[old]));
    assert!(verify_consistency(7, &new, 7, &new, &[]));
    assert!(!verify_consistency(7, &old, 7, &new, &[]));
    assert!(!verify_consistency(7, &new, 7, &new, &[old]));
    assert!(!verify_consistency(7, &new, 5, &old, &[]));
    assert!(!verify_consistency(5, &old, 7, &new, &[]));
    assert!(!verify_consistency(4, &root_of(4), 7, &new, &[]));
    assert!(!verify_inclusion(&leaf(0), 0, 0, &[], &leaf(0)));
    assert!(verify_inclusion(&leaf(0), 0, 1, &[], &leaf(0)));
    assert!(!verify_inclusion(&leaf(0), u64::MAX, u64::MAX, &[old; 64], &old));
    assert!(!verify_consistency(u64::MAX - 1, &old, u64::MAX, &new, &[old; 200]));
    let short = |at: TileAt| FOLDER.tile(at).map(|bytes| bytes[..at.bytes() - 1].to_vec());
    assert_eq!(root(7, &short), None, "a tile that was cut off");
}

#[test]
fn each_tile_is_read_once_and_a_wider_one_serves() {
    let asked = RefCell::new(Vec::new());
    let tiles = |at: TileAt| {
        asked.borrow_mut().push(at);
        FOLDER.tile(at)
    };
    for (old, new) in [(255, 65_535), (256, 65_537), (300, MANY - 1), (65_535, MANY)] {
        assert_eq!(root(new, &tiles), Some(root_of(new)));
        asked.take();
        let proof = consistency(old, new, &tiles).unwrap();
        let mut once = asked.take();
        assert!(verify_consistency(old, &root_of(old), new, &root_of(new), &proof));
        let all = once.len();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), all, "{once:?}");
        assert!(all <= 6, "{once:?}");
    }
}

#[test]
fn paths_are_those_of_tlog_tiles() {
    let at = |level, index, width| TileAt { level, index, width };
    for (tile, path) in [
        (at(0, 0, 256), "0/000"),
        (at(1, 1_234_067, 256), "1/x001/x234/067"),
        (at(0, 1_234, 8), "0/x001/234.p/8"),
        (at(2, 999, 255), "2/999.p/255"),
        (at(0, 1_000_000, 1), "0/x001/x000/000.p/1"),
        (at(63, u64::MAX, 1), "63/x018/x446/x744/x073/x709/x551/615.p/1"),
    ] {
        assert_eq!(tile.path(), path);
        assert_eq!(TileAt::parse(path), Some(tile));
    }
    for path in [
        "",
        "0",
        "0/",
        "0/0",
        "0/0000",
        "00/000",
        "64/000",
        "0/x000/000",
        "0/001/234",
        "0/x1/234",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/000.p/+1",
        "+0/000",
        "0/000/",
        "0/..",
        "/0/000",
        "0/x018/x446/x744/x073/x709/x551/616",
        "0/000.p/1/",
        "tile/0/000",
        "0/000 ",
        "0/x00x/0/000",
    ] {
        assert_eq!(TileAt::parse(path), None, "{path}");
    }
    let tree: Vec<_> = TileAt::of_tree(70_000).collect();
    assert_eq!(tree.len(), 273 + 1 + 1 + 1 + 1, "the example of the specification");
    assert!(tree.contains(&at(0, 273, 112)) && tree.contains(&at(1, 1, 17)));
    assert!(tree.contains(&at(2, 0, 1)) && tree.contains(&at(1, 0, 256)));
    assert_eq!(TileAt::of_tree(256).collect::<Vec<_>>(), [at(0, 0, 256), at(1, 0, 1)]);
    assert_eq!(TileAt::of_tree(0).count(), 0);
    assert!(TileAt::of_tree(u64::MAX).next().is_some());
}

#[test]
fn a_growing_tree_writes_what_changed_and_goes_on_from_its_files() {
    let (mut folder, mut tiler) = (Folder::default(), Tiler::default());
    for (old, new) in [(0, 1), (1, 255), (255, 256), (256, 257), (257, 257), (257, 1_300)] {
        let mut written: Vec<_> = (old..new).flat_map(|n| tiler.push(leaf(n))).collect();
        written.extend(tiler.partials());
        let mut places: Vec<_> = written.iter().map(|tile| tile.at).collect();
        places.sort_unstable();
        places.dedup();
        let changed: Vec<_> = TileAt::changed(old, new).collect();
        assert!(changed.iter().all(|at| places.contains(at)), "{old} to {new}");
        assert!(written.iter().all(|tile| tile.bytes.len() == tile.at.bytes()));
        assert!(written.iter().all(|tile| tile.hashes().count() == usize::from(tile.at.width)));
        folder.write(written);
        assert_eq!(tiler.root(), root_of(new));
        tiler = Tiler::restore(new, &folder).unwrap();
        assert_eq!((tiler.size(), tiler.root()), (new, root_of(new)));
    }
    assert!(TileAt::of_tree(1_300).all(|at| folder.0.contains_key(&at.path())));
    assert_eq!(TileAt::changed(7, 7).count() + TileAt::changed(9, 7).count(), 0);
    assert!(Tiler::restore(1_300, &|_: TileAt| None).is_none());
    let frontier = tiler.frontier();
    assert_eq!(Frontier::restore(1_300, frontier.hashes().to_vec()), Some(frontier.clone()));
    assert_eq!(Frontier::restore(1_301, frontier.hashes().to_vec()), None);
}

proptest! {
    #[test]
    fn a_changed_inclusion_proof_is_refused(
        size in prop_oneof![1_u64..600, 65_530..MANY], at: u64, at_other: u64, other: u64, bit: u8,
        which: prop::sample::Index,
    ) {
        let at = at % size;
        let (proof, top) = (inclusion(at, size, &*FOLDER).unwrap(), root_of(size));
        prop_assert!(verify_inclusion(&leaf(at), at, size, &proof, &top));
        prop_assert!(!verify_inclusion(&flipped(leaf(at), bit), at, size, &proof, &top));
        prop_assert!(!verify_inclusion(&leaf(at), at, size, &proof, &flipped(top, bit)));
        let wrong = at_other % (size + 2);
        prop_assert_eq!(verify_inclusion(&leaf(at), wrong, size, &proof, &top), wrong == at);
        let other = 1 + other % MANY;
        let same = verify_inclusion(&leaf(at), at, other, &proof, &root_of(other));
        prop_assert_eq!(same, other == size, "a size with its own root");
        let mut longer = proof.clone();
        longer.push(top);
        prop_assert!(!verify_inclusion(&leaf(at), at, size, &longer, &top));
        if !proof.is_empty() {
            let which = which.index(proof.len());
            let mut wrong = proof.clone();
            wrong[which] = flipped(wrong[which], bit);
            prop_assert!(!verify_inclusion(&leaf(at), at, size, &wrong, &top));
            let mut shorter = proof;
            shorter.remove(which);
            prop_assert!(!verify_inclusion(&leaf(at), at, size, &shorter, &top));
        }
    }

    #[test]
    fn a_changed_consistency_proof_is_refused(
        new in prop_oneof![2_u64..600, 65_530..MANY], old: u64, other: u64, bit: u8,
        which: prop::sample::Index,
    ) {
        let old = 1 + old % (new - 1);
        let proof = consistency(old, new, &*FOLDER).unwrap();
        let (first, second) = (root_of(old), root_of(new));
        prop_assert!(verify_consistency(old, &first, new, &second, &proof));
        prop_assert!(!verify_consistency(old, &flipped(first, bit), new, &second, &proof));
        prop_assert!(!verify_consistency(old, &first, new, &flipped(second, bit), &proof));
        let other = 1 + other % (MANY - 1);
        let same = verify_consistency(other, &root_of(other), new, &second, &proof);
        prop_assert_eq!(same, other == old);
        let same = verify_consistency(old, &first, other, &root_of(other), &proof);
        prop_assert_eq!(same, other == new);
        let which = which.index(proof.len());
        let mut wrong = proof.clone();
        wrong[which] = flipped(wrong[which], bit);
        prop_assert!(!verify_consistency(old, &first, new, &second, &wrong));
        let mut shorter = proof;
        shorter.remove(which);
        prop_assert!(!verify_consistency(old, &first, new, &second, &shorter));
    }
}
