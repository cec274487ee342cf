//! Numbers of the interface that stand for values of the core.

/// Declares that an enumeration of the interface has the variants of one of the core, counted from
/// 1, so that forgotten memory stands for nothing.
macro_rules! translate {
    ($ours:ident = $theirs:ty { $($variant:ident),* $(,)? }) => {
        impl $ours {
            /// What a number from outside stands for.
            #[allow(dead_code, reason = "some numbers only go out")]
            pub(crate) fn read(code: u32) -> Result<$theirs, $crate::Status> {
                [$((Self::$variant, <$theirs>::$variant)),*]
                    .into_iter()
                    .find_map(|(ours, theirs)| (ours as u32 == code).then_some(theirs))
                    .ok_or($crate::Status::UnknownValue)
            }
        }
        $(const _: () = assert!($ours::$variant as u32 == 1 + <$theirs>::$variant as u32);)*
    };
}
