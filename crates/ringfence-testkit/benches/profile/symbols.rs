//! Which function an instruction of the program belongs to, and the ELF file
//! that the tracing SVM takes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use object::elf::{FileHeader64, SHT_STRTAB, SectionHeader64};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{
    LittleEndian, Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind, U16, U32, U64, pod,
};

/// Bytes of an instruction.
const INSTRUCTION: u64 = 8;

/// Functions of a program by the number of their first instruction.
pub struct Symbols(BTreeMap<u64, String>);

impl Symbols {
    /// Reads them from the object that the linker leaves beside the program.
    /// The linker keeps their order, and here nothing is optimised away.
    pub fn read(object: &Path, program: &Path) -> Result<Self> {
        let bytes = fs::read(object).with_context(|| object.display().to_string())?;
        let file = object::File::parse(&*bytes)?;
        let program = fs::read(program)?;
        let code = code(&program)?;
        // The linker puts the sections of code one behind the other.
        let (mut bases, mut end) = (BTreeMap::new(), 0);
        for section in file.sections().filter(|section| section.kind() == SectionKind::Text) {
            bases.insert(section.index().0, end);
            end += section.size();
        }
        ensure!(end == code.len() as u64, "the object has {end} bytes of code, the program {}", code.len());
        let mut starts = BTreeMap::new();
        for symbol in file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
            let Some(index) = symbol.section_index() else { continue };
            let (name, base, at) = (symbol.name()?, bases[&index.0], symbol.address());
            // Operands are relocated; operations are as they were.
            let operation = |code: &[u8], at: u64| code.get(usize::try_from(at).ok()?).copied();
            let ours = operation(file.section_by_index(index)?.data()?, at);
            ensure!(ours == operation(code, base + at), "{name} is not where the program has it");
            starts.insert((base + at) / INSTRUCTION, format!("{:#}", rustc_demangle::demangle(name)));
        }
        Ok(Self(starts))
    }

    pub fn name(&self, instruction: u64) -> &str {
        self.0.range(..=instruction).next_back().map_or("?", |(_, name)| name)
    }

    /// The first instruction of the function that `instruction` is in.
    pub fn start(&self, instruction: u64) -> u64 {
        self.0.range(..=instruction).next_back().map_or(0, |(start, _)| *start)
    }
}

/// The executable segment.
fn code(program: &[u8]) -> Result<&[u8]> {
    let header = FileHeader64::<LittleEndian>::parse(program)?;
    let segments = header.program_headers(LittleEndian, program)?;
    let executable = segments.iter().find(|segment| segment.p_flags(LittleEndian) & object::elf::PF_X != 0);
    let segment = executable.context("no executable segment")?;
    segment.data(LittleEndian, program).map_err(|()| anyhow::anyhow!("the segment is beyond the file"))
}

/// The program with an empty section table, which the SVM looks for when it
/// traces; a v3 program has none.
pub fn with_sections(program: &[u8]) -> Result<Vec<u8>> {
    let endian = LittleEndian;
    let mut header = *FileHeader64::<LittleEndian>::parse(program)?;
    ensure!(header.e_shnum.get(endian) == 0, "it has sections");
    let mut bytes = program.to_vec();
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let names = bytes.len() as u64;
    bytes.extend_from_slice(b"\0.shstrtab\0\0\0\0\0\0");
    let table = bytes.len() as u64;
    let section = |name: u32, kind: u32, offset: u64, size: u64| SectionHeader64 {
        sh_name: U32::new(endian, name),
        sh_type: U32::new(endian, kind),
        sh_flags: U64::new(endian, 0),
        sh_addr: U64::new(endian, 0),
        sh_offset: U64::new(endian, offset),
        sh_size: U64::new(endian, size),
        sh_link: U32::new(endian, 0),
        sh_info: U32::new(endian, 0),
        sh_addralign: U64::new(endian, 1),
        sh_entsize: U64::new(endian, 0),
    };
    bytes.extend_from_slice(pod::bytes_of(&section(0, 0, 0, 0)));
    bytes.extend_from_slice(pod::bytes_of(&section(1, SHT_STRTAB, names, 11)));
    header.e_shoff = U64::new(endian, table);
    header.e_shentsize = U16::new(endian, size_of::<SectionHeader64<LittleEndian>>() as u16);
    header.e_shnum = U16::new(endian, 2);
    header.e_shstrndx = U16::new(endian, 1);
    bytes[..size_of_val(&header)].copy_from_slice(pod::bytes_of(&header));
    Ok(bytes)
}
