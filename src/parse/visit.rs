//! Walks over every node of a script, in source order, a command before what is nested in it: in words, arithmetic,
//! heredoc bodies, subscripts, patterns. Two walkers of one shape: [`Visitor`] looks, `VisitorMut` changes.

use super::ast::{
    Arith, Assign, AssignValue, Command, CommandKind, Item, List, ParamOp, Piece, PieceKind, Redirect, RedirectTarget,
    Script, Simple, Word,
};

macro_rules! walkers {
    ($trait:ident, $list:ident, $item:ident, $command:ident, $word:ident, $pieces:ident, $arith:ident,
     $assign:ident, $redirect:ident, $elements:ident, $docs:literal, $($m:tt)?) => {
        #[doc = $docs]
        pub trait $trait {
            /// Every command, compound ones too.
            fn command(&mut self, _command: &$($m)? Command) {}
            /// Every simple command.
            fn simple(&mut self, _simple: &$($m)? Simple) {}
            /// Every redirection.
            fn redirect(&mut self, _redirect: &$($m)? Redirect) {}
            /// Every assignment before a command word.
            fn assign(&mut self, _assign: &$($m)? Assign) {}
            /// Every word, operands and subscripts too.
            fn word(&mut self, _word: &$($m)? Word) {}
            /// Every piece.
            fn piece(&mut self, _piece: &$($m)? Piece) {}
        }

        /// Everything in a list.
        pub fn $list<V: $trait + ?Sized>(list: &$($m)? List, visitor: &mut V) {
            for each in &$($m)? list.items {
                $item(each, visitor);
            }
        }

        /// Everything in an and-or list.
        pub fn $item<V: $trait + ?Sized>(item: &$($m)? Item, visitor: &mut V) {
            for each in &$($m)? item.first.commands {
                $command(each, visitor);
            }
            for (_, pipeline) in &$($m)? item.rest {
                for each in &$($m)? pipeline.commands {
                    $command(each, visitor);
                }
            }
        }

        /// A command and everything in it.
        pub fn $command<V: $trait + ?Sized>(command: &$($m)? Command, visitor: &mut V) {
            visitor.command(command);
            match &$($m)? command.kind {
                CommandKind::Simple(simple) => {
                    visitor.simple(simple);
                    for each in &$($m)? simple.assigns {
                        $assign(each, visitor);
                    }
                    for each in &$($m)? simple.words {
                        $word(each, visitor);
                    }
                }
                CommandKind::Subshell(body) | CommandKind::Group(body) => $list(body, visitor),
                CommandKind::If { arms, otherwise } => {
                    for (condition, body) in arms {
                        $list(condition, visitor);
                        $list(body, visitor);
                    }
                    if let Some(body) = otherwise {
                        $list(body, visitor);
                    }
                }
                CommandKind::Loop { condition, body, .. } => {
                    $list(condition, visitor);
                    $list(body, visitor);
                }
                CommandKind::For { words, body, .. } => {
                    for each in words.into_iter().flatten() {
                        $word(each, visitor);
                    }
                    $list(body, visitor);
                }
                CommandKind::ForArith { init, condition, step, body } => {
                    $arith(init, visitor);
                    $arith(condition, visitor);
                    $arith(step, visitor);
                    $list(body, visitor);
                }
                CommandKind::Case { word, arms } => {
                    $word(word, visitor);
                    for arm in arms {
                        for each in &$($m)? arm.patterns {
                            $word(each, visitor);
                        }
                        $list(&$($m)? arm.body, visitor);
                    }
                }
                CommandKind::Function { body, .. } | CommandKind::Coproc { body, .. } => $command(body, visitor),
                CommandKind::Cond(condition) => {
                    for (_, operand) in &$($m)? condition.unary {
                        $word(operand, visitor);
                    }
                    for (_, left, right) in &$($m)? condition.binary {
                        $word(left, visitor);
                        $word(right, visitor);
                    }
                    for each in &$($m)? condition.words {
                        $word(each, visitor);
                    }
                }
                CommandKind::Arith(expression) => $arith(expression, visitor),
                CommandKind::Opaque(_) => {}
            }
            for each in &$($m)? command.redirects {
                $redirect(each, visitor);
            }
        }

        fn $assign<V: $trait + ?Sized>(assign: &$($m)? Assign, visitor: &mut V) {
            visitor.assign(assign);
            if let Some(subscript) = &$($m)? assign.subscript {
                $word(subscript, visitor);
            }
            match &$($m)? assign.value {
                AssignValue::Scalar(value) => $word(value, visitor),
                AssignValue::Array(elements) => $elements(elements, visitor),
            }
        }

        fn $elements<V: $trait + ?Sized>(elements: &$($m)? Vec<(Option<Word>, Word)>, visitor: &mut V) {
            for (subscript, value) in elements {
                if let Some(subscript) = subscript {
                    $word(subscript, visitor);
                }
                $word(value, visitor);
            }
        }

        fn $redirect<V: $trait + ?Sized>(redirect: &$($m)? Redirect, visitor: &mut V) {
            visitor.redirect(redirect);
            match &$($m)? redirect.target {
                RedirectTarget::Word(target) => $word(target, visitor),
                RedirectTarget::Heredoc(heredoc) => $word(&$($m)? heredoc.body, visitor),
            }
        }

        /// A word and everything in it.
        pub fn $word<V: $trait + ?Sized>(word: &$($m)? Word, visitor: &mut V) {
            visitor.word(word);
            $pieces(&$($m)? word.pieces, visitor);
        }

        fn $arith<V: $trait + ?Sized>(expression: &$($m)? Arith, visitor: &mut V) {
            $pieces(&$($m)? expression.pieces, visitor);
        }

        fn $pieces<V: $trait + ?Sized>(pieces: &$($m)? Vec<Piece>, visitor: &mut V) {
            for piece in pieces {
                visitor.piece(piece);
                match &$($m)? piece.kind {
                    PieceKind::Double(inner) | PieceKind::Locale(inner) => $pieces(inner, visitor),
                    PieceKind::Param(param) => {
                        if let Some(subscript) = &$($m)? param.subscript {
                            $word(subscript, visitor);
                        }
                        match &$($m)? param.op {
                            Some(
                                ParamOp::Default { word: operand, .. }
                                | ParamOp::Assign { word: operand, .. }
                                | ParamOp::Error { word: operand, .. }
                                | ParamOp::Alternate { word: operand, .. }
                                | ParamOp::RemovePrefix { pattern: operand, .. }
                                | ParamOp::RemoveSuffix { pattern: operand, .. }
                                | ParamOp::Case { pattern: Some(operand), .. },
                            ) => $word(operand, visitor),
                            Some(ParamOp::Replace { pattern, with, .. }) => {
                                $word(pattern, visitor);
                                if let Some(with) = with {
                                    $word(with, visitor);
                                }
                            }
                            Some(ParamOp::Substring { offset, length }) => {
                                $arith(offset, visitor);
                                if let Some(length) = length {
                                    $arith(length, visitor);
                                }
                            }
                            Some(
                                ParamOp::Case { pattern: None, .. }
                                | ParamOp::Transform(_)
                                | ParamOp::NamesWithPrefix
                                | ParamOp::Keys,
                            )
                            | None => {}
                        }
                    }
                    PieceKind::Command(substitution) => $list(&$($m)? substitution.body, visitor),
                    PieceKind::Arith(expression) => $arith(expression, visitor),
                    PieceKind::Process { body, .. } => $list(body, visitor),
                    PieceKind::ExtGlob { alternatives, .. } | PieceKind::BraceList(alternatives) => {
                        for each in alternatives {
                            $word(each, visitor);
                        }
                    }
                    PieceKind::Array(elements) => $elements(elements, visitor),
                    PieceKind::Literal(_)
                    | PieceKind::Escaped(_)
                    | PieceKind::Single(_)
                    | PieceKind::AnsiC(_)
                    | PieceKind::Glob(_)
                    | PieceKind::BraceRange { .. }
                    | PieceKind::Tilde(_)
                    | PieceKind::Opaque(_) => {}
                }
            }
        }
    };
}

walkers!(
    Visitor,
    list,
    item,
    command,
    word,
    pieces,
    arith,
    assign,
    redirect,
    elements,
    "Looks at nodes; every method is called before what is nested in its node.",
);
walkers!(
    VisitorMut,
    list_mut,
    item_mut,
    command_mut,
    word_mut,
    pieces_mut,
    arith_mut,
    assign_mut,
    redirect_mut,
    elements_mut,
    "Changes nodes; every method is called before what is nested in its node.",
    mut
);

/// Every simple command of a script, nested ones too, each before what is nested in it.
#[must_use]
pub fn simple_commands(script: &Script) -> Vec<Simple> {
    struct Collect(Vec<Simple>);
    impl Visitor for Collect {
        fn simple(&mut self, simple: &Simple) {
            self.0.push(simple.clone());
        }
    }
    let mut collect = Collect(Vec::new());
    list(&script.body, &mut collect);
    collect.0
}
