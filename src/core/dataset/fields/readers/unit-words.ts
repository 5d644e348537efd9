// Words of currencies and units of measurement as CLDR writes them beside a number in 45 languages, in lower case: 25 currencies, the units that
// tables have, and the words of their names ("US", "per", "new"). Words that multiply or negate are left out, and so are those that are numbers
// or hundredths ("cent"), for beside these a number is another one.

/** One word each: of Latin script with three letters or more, of the others with any number; of Thai, Lao, Khmer and Burmese all that is written without a blank. */
export const UNIT_WORDS = `
aae aafrika aasta aastat abd aed africa africain africains african africani africano africanos africans africà afrika afrikaanse afrikai
afrikan afrikos american americani americano americanos americké amerického americký amerických amerika amerikaanse amerikansk amerikanska
amerikanske američka američki američkih ameriška ameriški ameriških amerykański amerykańskich amerykańskie amerykańskiego angol ani anni
anno ano anos ans anys aoxơ araabia arab arabe arabes arabiar arabiemiirikuntien arabskih arabísk arabískt araw aste astetta asv auns año
años baat baati bae baharu baht bahta bahti bahtia bahtov bahts bahtu bahty bahtów bahtı bahtů bahți bait baitai baitas baiti baito baits
baitu baitų bajt bajta bajti bajtov bajtova bajtu bajty bajtów bajtů bandaríkjadalir bandaríkjadalur baru bat bata batai batas bato bats
batu batuetako batų bayt berri booggraad booggraden brasiilia brasil brasildar brasileiro brasileiros brasiler brasilers brasileño
brasileños brasilian brasiliani brasilianische brasilianischer brasiliano brasiliansk brasilianska brasilianske brasilísk brasilískt
braxin brazil braziliaanse brazilian brazilijos brazilska brazilski brazilskih brazilské brazilského brazilský brazilských brazylijski
brazylijskich brazylijskie brazylijskiego brazílske brazílskeho brazílsky brazílskych brazīlijas brezilya britanijos britannica
britanniche britanska britanske britanski britanskih britische britisches british britisk britiske britse britskej britská britské
britských brittiska brittiskt brl brésilien brésiliens bsj bulan buwan byte bytes byți bájt bæti böt bāti bāts bạt bảng cal cala cale cali
ceca ceche cehe cehă ceko celsia celsija celsijaus celsius celsiusaste celsiusastetta celsiuse celsjusza celsíus celzia celzija celzijev
celzijeva celzijevih celzijusa centimetar centimetara centimeter centimeters centimetr centimetra centimetrai centimetras centimetre
centimetri centimetro centimetrov centimetrs centimetru centimetry centimetrů centimetrų centimètre centimètres centiméter centymetr
centymetra centymetry centymetrów centímetre centímetres centímetro centímetros checa checas chf chilogrammi chilogrammo chilometri
chilometro chinese chineses chinesischer chinezesc chinezești chinois chinés chinês chiński chińskich chińskie chińskiego cina cinese
cinesi cny coliai colio colis colių colla collas collu coreano coreanos coreans coreean coreeni coreà coroa coroane coroană coroas corona
coronas corone corones coréen coréens couronne couronnes cseh czech czeska czeskich czeskie czeskiej czk cộng dag dagar dage dagen dagur
dakika dan dana danesa danesas danese daneses danesi daneze daneză danijos danimarka danimarkar danish danoise danoises dansk danska
danskar danske danski danskih darjah day days deense deg degli degree degrees degré degrés dels den denmark derajat derece detik deň dia
dias didžiosios diena dienas dienos dienu dienvidkorejas dienvidāfrikas dienų dies din dinamarquesa dinamarquesas dirham dirhama dirhamai
dirhamas dirhami dirhamia dirhamo dirhamov dirhams dirhamu dirhamy dirhamów dirhamů dirhamų dirhem dirhemi dirhemit dirhēmi dirhēms dkk
dkr dne dneva dni dnia dny dní dnů dolar dolara dolari dolarja dolarjev dolarji dolaru dolary dolarów doları dolarů doleriai dolerio
doleris dolerių dollar dollari dollaria dollarit dollaro dollars dollár dolyar dolár dolára doláre dolárov dolāri dolārs dong donga dongai
dongas dongi dongia dongov dongs dongu dongy dongów dongů dongų dtk duńska duńskich duńskie duńskiej dygn dzień dán dánska dánske dánskej
dánskych dánská dánské dánských dân dänische dél día días dírham dírhams dírhöm dòlar dòlars dólar dólares dông dôngs dönsk døgn dānijas
dňa dặm eae eau egun ehuneko eiro elvețian elvețieni emirat emiratarabisk emiratarabiske emiratele emiratisk emiratos emiratov emirats
emirerri endonezya engelsk engelske englannin erreal errublo errumaniar errupia errusiar esloti eslotis estadounidense estadounidenses
estats estatubatuar esterlina esterlinas esterlines etelä ettari ettaro eua eur eura eurai euras euro euroa euros eurot eurá euró eurų
evra evri evro evrov evrur fae fahrenhayt fahrenheit fahrenheita fahrenheitaste fahrenheitastetta fahrenheiti fahrenheitov fahrenheitova
fahrenheitovih farenhajta farenheita farenheito feet fet fiorini fiorino fit florim florins florín floríns fod fok font foot forint
forinta forintai forintas forinte forinter forinti forintit forinto forintos forintov forints forintti forinttia forinty forintów forintů
forintų forinți fot franak franaka franc franchi franci franco francos francs frangi frangia frangı frank franka frankai frankar frankas
franken franki franko frankov franks franku franky franków franků frankų funt funta funte funti funtov funty funtów fuß fòrint fòrints
fórinta fórintur fārenheita gadi gads gadu gal gallon gallona gallonaa gallone gallonen galloni gallonit gallons galoane galoi galon
galona galonai galonas galone galones galoni galono galons galonu galony galonów galonů galonų galão galó galón galónov galóns galónu
galóny galões gam gbp gelen giapponese giapponesi gigabait gigabaitai gigabaitas gigabaiti gigabaito gigabaits gigabaitu gigabaitų
gigabajt gigabajta gigabajti gigabajtov gigabajtova gigabajtu gigabajty gigabajtów gigabajtů gigabayt gigabyte gigabytes gigabyți gigabájt
gigaoctet gigaoctets gigatavu gigatavua giorni giorno giây giờ god godina godine godz godzin godzina godziny godzinę graad grad grade
graden grader gradi grado grados gradu gram grama gramai gramas grame grami gramm gramma grammaa gramme grammes grammi grammo gramo gramos
gramov grams gramu gramy gramów gramů gramų grao graos grau graus grivina grivinos grivinų grivn grivna grivnas grivnası grivnat grivne
grivni grivnia grivnie grivnă grynia gráða gráður grömm grādi grāds grādu gígabæti gün güney hafta hari hazbete hectar hectare hectares
hectàrea hectàrees hectárea hectáreas hegoafrikar hegokorear hehtaari hehtaaria hektar hektara hektarai hektarar hektaras hektare hektarea
hektari hektarit hektaro hektarov hektaru hektary hektarya hektarów hektarů hektarų hektra hektár hektára hektáre hektárov hektāri hektārs
hektāru heure heures hiina hilabete hindistan hodin hodina hodinu hodiny hodín hongaarse hongrois hora horas hores hour hours hrinja
hrinjur hrivien hrivna hrivnas hrivnja hrivnje hrivnji hrivny hrivnya hryvnia hryvniaa hryvnias hrywen hrywien hrywna hrywnja hrywny
hrívnia hrívnies huf hungaria hungarian hungariar hungary hàn héc hét hòa hónap húngaro húngaros hüvelyk hřiven hřivna hřivny iard iarda
iardas iarde iardes iarzi idr ien iene ienes iens iisraeli inch inches inchi inci india indiai indian indiana indianas indiane indiană
indiar indias indiase indickej indická indické indických indiene indienne indiennes indijas indijos indijska indijske indijski indijskih
indische indisk indiska indiske indoneesia indonesia indonesian indonesiana indonesiane indonesiar indonesias indonesische indonesisk
indonesiska indonesiske indoneziană indoneziene indonezijos indonezijska indonezijske indonezijski indonezijskih indonezyjska
indonezyjskich indonezyjskie indonežanska indonežanske indonežanskih indonèsia indonèsies indonésia indonésias indonésienne indonésiennes
indonéská indonéské indonéských indonéz indonézska indonézske indonézskych indonēzijas indversk indverskar indyjska indyjskich indyjskie
indyjskiej indónesísk indónesískar inggris inr intian inç inč inča israel israeldar israelense israelenses israeli israelian israeliani
israeliano israelians israelieni israelin israelische israelischer israelisk israeliska israelià israelsk israelske israelí israelíes
israelís israélien israéliens israëlische iuan iuans iuán iuáns izraeli izraelio izraelska izraelski izraelskich izraelskie izraelskiego
izraelskih izraelské izraelského izraelský izraelských izraēlas jaapani jaar jaardi jaardia jae jahr jahre jalg jalga jalka jalkaa jam
japanese japanin japanische japanischer japanse japansk japanska japanske japanski japanskih japanskt japon japonais japoneses japonez
japonezi japoniar japonijos japonska japonski japonskih japonské japonský japonských japonés japonês japoński japońskich japońskie japán
japönsk japānas jard jarda jardai jardas jardi jardo jardov jards jardu jardy jardów jardų jav jeen jeeni jen jena jenas jeni jeniä jenos
jenov jeny jenów jenů jenų jepang jepun jihoafrické jihoafrického jihoafrický jihoafrických jihokorejské jihokorejský jihokorejských jour
jours jpy jrd juan juana juani juania juaniai juanio juanis juanių juanov juany juanów juaņi juaņs juhoafrické juhoafrického juhoafrický
juhoafrických juhokórejské juhokórejský juhokórejských južnoafrička južnoafrički južnoafričkih južnoafriška južnoafriški južnoafriških
južnokorejska južnokorejski južnokorejskih júan júön jüaan jüaani jüan jüana jüanov jüanu jüany jüanů jūdze jūdzes jūdžu kada kaki kiinan
kilobait kilobaitai kilobaitas kilobaiti kilobaito kilobaits kilobaitu kilobaitų kilobajt kilobajta kilobajti kilobajtov kilobajtova
kilobajtu kilobajty kilobajtów kilobajtů kilobayt kilobyte kilobytes kilobyți kilobájt kilogram kilograma kilogramai kilogramas kilograme
kilogrami kilogramm kilogramma kilogrammaa kilogramme kilogrammes kilogrammi kilogramo kilogramos kilogramov kilograms kilogramu kilogramy
kilogramów kilogramů kilogramų kilomeeter kilomeetrit kilometar kilometara kilometer kilometers kilometr kilometra kilometrai kilometras
kilometre kilometri kilometriä kilometro kilometrov kilometrs kilometru kilometry kilometrów kilometrů kilometrų kilomètre kilomètres
kilométer kilooctet kilooctets kilotavu kilotavua kilómetro kilómetros kilôgam kilômét kinesisk kinesiska kinesiske kineska kineski
kineskih kinijos kitajska kitajski kitajskih klst klukkustund klukkustundir kmj kore korea koreaanse koreai korean koroa koron korona
korony korun koruna korunaa korunaer korunas korunası koruny korún korėjos kph kraad kraadi krievijas kron krona kronas krone kronen
kroner kroni kronor kronos kronu kronų kroon krooni kruna krune kruunu kruunua krw króna krónur kuu kuud kuukausi kuukautta kílóbæti
kílógramm kílógrömm kílómetrar kílómetri kínai kínversk kínverskt laipsniai laipsnio laipsnis laipsnių lat lata lbs lei lej leja lejas
leje lejów lengyel lenkijos let leti leto leu leuar leud leus leuta lev leva levi levov leyi lia libbra libbre liber libera libier libra
libras libre libry lielbritānijas liir liira liiraa liiri liiter liitrit lilitre lilitres linggo lir lira liras lirası lire lires liri
liros liry liră lirų litar litara liter liters litr litra litraa litrai litras litre litres litri litro litros litrov litrs litru litry
litrów litrů litrų livre livres livră lliura lliures luni lună láb límetre límetres lír líra lírur líry lít lítrar lítri lõuna lėja lėjos
lėjų maand maanden macar madžarska madžarski madžarskih magyar maili mailia maďarské maďarský maďarských mađarska mađarske mađarskih
meeter meetrit megabait megabaitai megabaitas megabaiti megabaito megabaits megabaitu megabaitų megabajt megabajta megabajti megabajtov
megabajtova megabajtu megabajty megabajtów megabajtů megabayt megabyte megabytes megabyți megabájt megabæti megatavu megatavua meile
meilen menit mes mese mesec meseca mesecev meseci meses mesi mesiac mesiaca mesiace mesiacov mesos metai metar metara meter meters metr
metra metrai metrar metras metre metres metri metriä metro metros metrov metrs metru metry metrów metrů metrų metų mgg mgu mies miesiąc
miesiąca miesiące miesięcy miglia miglio miil miili mijl mile miles milha milhas mili mililitar mililitara mililiter mililitr mililitra
mililitrai mililitras mililitre mililitri mililitro mililitros mililitrov mililitrs mililitru mililitry mililitrów mililitrů mililitrų
mililít milimetar milimetara milimeter milimetr milimetra milimetrai milimetras milimetre milimetri milimetro milimetrov milimetrs
milimetru milimetry milimetrów milimetrů milimetrų milimét militrov milja milje milji milla millas milliliiter milliliitrit milliliter
milliliters millilitra millilitraa millilitre millilitres millilitri millilitro millilítrar millilítri millimeeter millimeetrit millimeter
millimeters millimetrar millimetri millimetriä millimetro millimètre millimètres milliméter milya milímetro milímetros milă min minggu
minit minut minuta minute minuten minuter minutes minuti minutit minuto minutos minuts minutt minutter minutu minuty minutė minutės minuut
minuutti minuuttia minučių minút minúta minúty minūte minūtes minūšu mjesec mjeseca mjeseci mnd mnt mois mon monat monate month months mph
mpj mth mths mylia mylios mylių mán mánuðir mánuður másodperc mån månad månadar månader måned måneder mètre mètres mégaoctet mégaoctets
mérföld mét méter mês míla mílur mín mínúta mínútur míľ míľa mārciņa mārciņas mārciņu mēn mēnesis mēneši mēnešu mėn mėnesiai mėnesio
mėnesių mėnuo měs měsíc měsíce měsíců mạch mới nael naela naelsterling naelsterlingit nam nap naujasis naujieji naujojo naujųjų ned
nedelja nedelje nedēļa nedēļas nedēļu neue neuer new nga ngày nhân nhĩ nhật nieuwe nis nkr nok noorse norjan norra norsk norska norskar
norske norská norské norských noruega noruegas noruegues norueguesa norueguesas norvegese norvegesi norvegiană norvegiar norvegiene
norvegijos norveç norveška norveške norveški norveških norvég norvégienne norvégiennes norvēģijas norway norwegia norwegian norwegische
norweska norweskich norweskie norweskiej nou nouveau nouveaux nova novi novih novo novos nové nového nový nových nowe nowego nowy nowych
nuevo nuevos nuovi nuovo nya nye näd nädal nädalat nórska nórske nórskej nórskych nýir nýr năm octet octets odstotek odstotka odstotki
odstotkov oekraïense oin onces oncia ons onsa ontza onza onzas onça onças ora orari orario oras ordu orduko ore orosz oră ounce ounces
palca palce palcev palci palcov palců palec pao par paun pauna paunaa per peratus perc percent percenta percento percentá persen peu peus
pfund phi phút picioare picior pie pied piede piedi pieds pies pietų pln polacchi polacco polaco polacos poland polandia polegada
polegadas polgada polgadas polijas polish poljska poljske poljski poljskih pollice pollici polnische polnischer polonais poloneses
poloniar polonya polonês polsk polska polske polski polskich polskie polskiego polské polského polský polských polzada polzades pond poola
poolse por porsyento posto pouce pouces pound pounds pour poľské poľského poľský poľských południowoafrykański południowoafrykańskich
południowoafrykańskie południowoafrykańskiego południowokoreański południowokoreańskich południowokoreańskie pro procenat procenata
procent procenta procentai procentas procente procenti procento procents procentu prosent prosentti prosenttia protsent protsenti prozent
prósent pulgada pulgadas pund punta puntaa puolan päev päeva päivä päivää pés pólsk pólskt pēda pēdas pēdu pėda pėdos pėdų quilogram
quilograma quilogramas quilogramo quilogramos quilograms quilòmetre quilòmetres quilómetro quilómetros quilômetro quilômetros quốc rand
randa randai randas randi randia rando randov rands randu randy randów randı randů randų ranzi reaal reaali reais real reala realai realas
reale realer reales reali realia realo realov reals realu realy realů realų rendi rends renmibi renminbi republic republik respublikos
reāli reāls roebel roemeense roepia roepie rok roka rokov roku roky romaneses romanesos romania romanian romanès romanés romen romeno
romenos romunska romunski romunskih román românesc românești ron rootsi rosyjski rosyjskich rosyjskie rosyjskiego rouble roubles roumain
roumains roupie roupies rub rubalj rubalja rubel rubelj rubeľ rubl rubla ruble rubler rubles rublesi rubli rubliai rublio rublis rublių
rublja rublje rubljev rublji rublo rublos rublu rubly rublă rublů rubļi rubľa rubľov rumania rumano rumanos rumeenia rumeni rumeno rumensk
rumenske rumunijos rumunjska rumunjski rumunjskih rumunska rumunski rumunskih rumunské rumunského rumunský rumunských rumuński rumuńskich
rumuńskie rumuńskiego rumänische rumänischer rumänsk rumänska rumænsk rumænske rumānijas ruotsin rupee rupees rupi rupia rupiaa rupiah
rupiahar rupiahs rupias rupie rupien rupier rupies rupii rupij rupija rupije rupiji rupijos rupijų rupisi rupií rupla ruplaa rus rusească
rusești rusia rusijos ruska ruske ruski ruskih ruské ruského ruský ruských ruso rusos russe russes russi russia russian russische
russischer russisk russiske russo russos ruupia ruupiat rysk ryska réal réals ríal ríöl rönd rúbla rúblur rúmensk rúmenskt rúp rúpia rúpía
rúpíur rússnesk rússneskar rūpija rūpijas saat sae saniye santigrat santimetre sat sati savaitė savaitės savaičių schekel schwedische
schweizer schweizerfranc schweizisk schweiziska sec second seconde seconden secondes secondi secondo seconds secunde secundă seekel
seeklit seg segon segons segundo segundos sejam sek sekeli sekeliä sekund sekunda sekunde sekunden sekunder sekundes sekundi sekundit
sekundy sekundė sekundės sekundžių sekunti sekuntia sekunžu sekúnd sekúnda sekúndur selatan sem semaine semaines semana semanas
sentimeeter sentimeetrit sentimeter sentimetrar sentimetri sentimetro senttimetri senttimetriä serikat setm setmana setmanes sett
settimana settimane shekel shekeli shekels shekler sheqel shequeis shequel sicli siclo sikill siklar slot south statunitense statunitensi
std stepen stepena stepeni sterlina sterline sterling sterlingspund sterlini sterlină stop stopa stope stopień stopinj stopinja stopinje
stopinji stopni stopnia stopnie stopy stunda stundas stunde stunden stundu stundā stupanj stupeň stupne stupnja stupnjeva stupně stupňa
stupňov stupňů stóp stôp sud sudafricani sudafricano sudafricanos sudcoreani sudcoreano sueca suecas suedeze suedeză suediar sueques
suisse suisses suitzar suizo suizos sul surafricano surafricanos surcoreano surcoreanos suurbritannia suédoise suédoises suís suízo suízos
suíço suíços suïssos suðurafrísk suðurafrískt suðurkóresk suðurkóreskt svarai svaras svaro svarų svedese svedesi sveitsin sveitsisk
sveitsiske svensk svenska svenske svissneskir svissneskur svizzeri svizzero svájci svéd sweden swedia swedish swiss switzerland
sydafrikansk sydafrikanska sydafrikanske sydkoreansk sydkoreanska sydkoreanske syekel szekel szekla szekle szekli szterling szterlinga
szterlingi szterlingów szwajcarski szwajcarskich szwajcarskie szwajcarskiego szwedzka szwedzkich szwedzkie szwedzkiej százalék sænsk
sænskar séc sékel séquel séqueles sørafrikansk sørafrikanske sørkoreansk sørkoreanske südafrikanische südafrikanischer südkoreanische
südkoreanischer săpt săptămâni săptămână taani tag tage tahun tai tailandeses tailando tailandés tailandês taizemes tajlandska tajlandski
tajlandskih tajska tajski tajskich tajskie tajskiego tajskih talampakan tanskan taon tavu tavua tayland taílensk taílenskt tcheca tchecas
tchèque tchèques teden tedna tedni tednov terabait terabaitai terabaitas terabaiti terabaito terabaits terabaitu terabaitų terabajt
terabajta terabajti terabajtov terabajtu terabajty terabajtów terabajtů terabayt terabyte terabytes terabyți terabájt terabæti teratavu
teratavua thai thailand thailandese thailandesi thailandez thailandezi thailandiar thailandsk thailandske thailändische thailändischer
thailändsk thailändska thaimaan thaise thajské thajského thajský thajských thaïlandais thb thn thái tháng thổ thụy tim timar time timen
timer timmar timme timog tiongkok tjeckisk tjeckiska tjedan tjedana tjedna tjekkisk tjekkiske toll tolli tomma tommar tomme tommer tommur
try tschechische tsjechische tsjekkisk tsjekkiske tum tund tundi tunnis tunnissa tunti tuntia turca turcas turcească turcești turche
turcijas turecka tureckej tureckich tureckie tureckiej turecká turecké tureckých turki turkiar turkijos turkin turkish turkisk turkiska
turkse turque turques turska turske turskih turška turške turški turških tuuma tuumaa tuần txeca txekiar txeques txinatar tydz tydzień tyg
tygodni tygodnia tygodnie tyrkisk tyrkiske tyrknesk tyrkneskar tékknesk tékkneskar téraoctet téraoctets török türgi türk türkische týd
týden týdne týdny týdnů týž týždeň týždne týždňa týždňov tšehhi tšekin uae uah ucraina ucraine ucraniana ucranianas ucraniano ucranianos
ucraína ucraínas uge uger uke uker ukraina ukrainan ukrainar ukrainas ukraine ukrainian ukrainienne ukrainiennes ukrainische ukrainos
ukrainsk ukrainska ukrainske ukraińska ukraińskich ukraińskie ukraińskiej ukrajinska ukrajinske ukrajinskej ukrajinski ukrajinskih
ukrajinská ukrajinské ukrajinských ukrayna ukrán unca unce unces unci uncia uncie uncii uncija uncijos uncijų uncja uncje uncji uncí
ungari ungarische ungarischer ungarsk ungarske ungersk ungerska ungherese ungheresi ungversk ungverskar ungārijas uni unidos unis unite
units unkarin uns unse unser unssi unssia unts untsi unze unzen unça unč unča unče unči unču ura ure uri uro urte usa usd uur uus uusi uut
uutta vae val valanda valandos valandą valandų vecka veckor veke veker venemaa vengrijos venäjän vietnam vietnamdar vietnamese
vietnamesische vietnamesischer vietnamesisk vietnamesiska vietnamesiske vietnamez vietnamezi vietnami vietnamien vietnamiens vietnamin
vietnamita vietnamitas vietnamites vietnamiti vietnamo vietnamska vietnamski vietnamskih vietnamské vietnamský vietnamských vietnámi
viikko viikkoa vijetnamska vijetnamski vijetnamskih vika vikur việt vjetnamas vnd voet von vona vonai vonas voni vonn vonni vonov vonų
vuosi vuotta víetnamskt víetnömsk week weeks weken wietnamski wietnamskich wietnamskie wkn wks woche wochen won wona woni wonia wonov wons
wonu wony wonów wonů węgierski węgierskich węgierskie xaponeses xaponés xentimét xigabyte xigabytes xéquel xéquels yard yarda yardar
yardas yardov yards yardu yardy yardů year years yen yenes yeni yens yhdysvaltain yrs yuan yuana yuanes yuani yuans yuanı yên yüzde yıl
zar združenih zea zentimeter zentimetro zile zlot zlota zlotai zlotas zlote zloti zlotisi zloto zlotov zlots zlott zlotti zloty zlotys
zloté zlotého zlotý zlotých zlotų zloți zoll zuid zviedrijas zweedse zwitserse złote złotego złoty złotya złotych àrabs árabes çek çin
émirats états índia índies ísraelskir ísraelskur óra ööpäev ööpäeva úkraínsk úkraínskar únsa únsur ühendemiraatide čehijas čekijos českej
česká české českých čevelj čevlja čevljev čevlji češka češke češki čeških čínske čínskeho čínsky čínskych čínské čínského čínský čínských
đan điển đồng ķīnas şekeli šekel šekela šekeliai šekelio šekelis šekelių šekelov šekelu šekely šekelů šekeļi šekla šekli šeklov švajcarska
švajcarski švajcarskih švajčiarske švajčiarskeho švajčiarsky švajčiarskych švedijos švedska švedske švedski švedskih šveicarijos šveices
šveitsi švicarska švicarski švicarskih švédska švédske švédskej švédskych švédská švédské švédských švýcarské švýcarského švýcarský
švýcarských ženminbi
έτ έτη έτος ίν ίντσα ίντσες ανά αραβικών αφρικής βαθμοί βαθμός βιετνάμ βραζιλίας βρετανίας γαλ γαλόνι γαλόνια γιάρδα γιάρδες γιεν γουάν
γουόν γρ γρίβνα γραμμάρια γραμμάριο γρδ δανίας δευτ δευτερόλεπτα δευτερόλεπτο δολάρια δολάριο εβδ εβδομάδα εβδομάδες εκατοστά εκατοστό
εκατό εκτ εκτάρια εκτάριο ελβετίας εμιράτων ευρώ ζλότι ημέρα ημέρες ηνωμένων ηπα ιαπωνίας ινδίας ινδονησίας ισραήλ κίνας κελσίου κιλά κιλό
κορέας κορόνα κορόνες λ λέου λίβρα λίβρες λίρα λίρες λίτ λίτρα λίτρο λβ λεπτά λεπτό μ μέτρα μέτρο μήν μήνας μήνες μίλ μίλι μίλια μοίρα
μοίρες μπατ νέα νέο νορβηγίας ντιράμ ντονγκ νότιας ουγγαρίας ουγγιά ουγγιές ουκρανίας πδ πολωνίας πόδι πόδια ραντ ρεάλ ρουμανίας ρουπία
ρουπίες ρούβλι ρούβλια ρωσίας σέκελ σουηδίας στερλίνα στερλίνες ταϊλάνδης τοις τουρκίας τσεχίας φαρενάιτ φιορίνι φιορίνια φράγκα φράγκο
χιλιοστόλιτρα χιλιοστόλιτρο χιλιοστόμετρα χιλιοστόμετρο χιλιόγραμμα χιλιόγραμμο χιλιόμετρα χιλιόμετρο χλμ χλστ ώ ώρα ώρες ам амер америчка
амерички америчких англійський англійських англійського англійські арабски байт байта байти байтів бат бата бати батов батів бајт бајта
бајтова бразилска бразилски бразилских бразильский бразильских бразильского бразильський бразильських бразильського бразильські британска
британске британски британский британских британского вʼєтнамський вʼєтнамських вʼєтнамські венгерский венгерских виетнамски вијетнамска
вијетнамски вијетнамских вон вона вони воны вонів вьетнамский вьетнамских відсотка відсотки відсотків відсоток г га гал галлон галлона
галлонов галон галона галони галонів гб гектар гектара гектари гектаров гектарів гигабайт гигабайта гигабајт гигабајта гигабајтова год
года годин година године години годину градус градуса градуси градусов градусів грам грама грами грамм грамма грамів гривен гривень гривнe
гривна гривни гривны гривня гривні гігабайт гігабайта гігабайти гігабайтів дан дана данска данске данских данська данських данської
данські датска датская датски датские датских датской ден день дирхам дирхама дирхами дирхамов дирхамів дней дни дня дні днів долар долара
долари доларів доллар доллара долларов донг донга донги донгов донгів дюйм дюйма дюйми дюймов дюймів евра евро емирства злот злота злоти
злотий злотих злотого злотый злотых злоті иен иена иены израелска израелски израелских израильский израильских израильского индийска
индийская индийски индийские индийских индийской индијска индијске индијских индонежанска индонежанске индонежанских индонезийска
индонезийская индонезийски индонезийские индонезийских инч инча йена йени кб кг килобайт килобайта килобајт килобајта килобајтова килограм
килограма килограмм килограмма километар километара километр километра километров километър кинеска кинески кинеских китайски китайский
китайских китайского китайський китайських китайського китайські км крон крона крони кроны крунa круна круне кілобайт кілобайта кілобайти
кілобайтів кілограм кілограма кілограми кілограмів кілометр кілометра кілометри кілометрів л леев леи лей лет лея леї леїв леј леја лир
лира лире лири лиры литар литара литр литра литров литър лір ліра ліри літр літра літри літрів мађарска мађарске мађарских мб мегабайт
мегабайта мегабайти мегабайтів мегабајт мегабајта мегабајтова мес месец месеца месеци месяц месяца месяцев метар метара метр метра метри
метров метрів метър мили милилитар милилитара милилитра милилитър милиметар милиметара милиметра милиметър миллилитр миллилитра
миллилитров миллиметр миллиметра миллиметров миль миля милі мин минут минута минути минуты миља миље мл мм мілілітр мілілітра мілілітри
мілілітрів міліметр міліметра міліметри міліметрів міс місяць місяця місяці місяців нед недели недель неделя недеља недеље нов нова нови
новий нових нового новый новых нові норвежка норвежки норвежская норвежские норвежских норвежской норвезька норвезьких норвезької
норвезькі норвешка норвешке норвешких оае оаэ обединените полска полски польский польских польского польський польських польського
польські пољска пољски пољских проценат процената процент процента процентов південноафриканський південноафриканських
південноафриканського південноафриканські південнокорейський південнокорейських південнокорейські р ранд ранда ранди рандів реал реала
реали реалов реалів роки року років российский российских российского російський російських російського російські рубла рублей рубли рубль
рубля рублі рублів рубља рубље рубљи румунскa румунски румунских румунський румунських румунського румунські румънска румънски румынский
румынских румынского рупии рупий рупия рупијa рупија рупије рупій рупія рупії руска руске руски руских рэнд рэнда рэндов рік с сантиметр
сантиметра сантиметри сантиметров сантиметрів сантиметър сат сата сати седм седмица седмици сек секунд секунда секунде секунди секунды см
степен степена степени стерлингов стопа стопе сша таиландский таиландских таиландского тайландски таїландський таїландських таїландського
таїландські тајландска тајландски тајландских тб терабайт терабайта терабайти терабайтів терабајт терабајта тиж тиждень тижня тижні тижнів
турецкая турецкие турецких турецкой турецька турецьких турецької турецькі турска турске турски турских уае угорський угорських угорські
украинска украинская украински украинские украинских украинской українська українських української українські украјинскe украјинска
украјинских унгарски унц унца унце унци унции унций унция унцій унція унції фаренгейта фаренхайт фаренхајта фнт форинт форинта форинте
форинти форинтов форинтів франак франака франк франка франки франков франків фт фунт фунта фунте фунти фунтов фунтів фут фута фути футов
футів хв хвилин хвилина хвилини хектар хектара хривњи целзий целзијуса цельсия цельсія центиметар центиметара центиметра ч час часа часов
чеська чеських чеської чеські чешка чешке чешки чешких чешская чешские чешских чешской швајцарска швајцарски швајцарских шведска шведская
шведске шведски шведские шведских шведской шведська шведських шведської шведські швейцарски швейцарский швейцарских швейцарского
швейцарський швейцарських швейцарського швейцарські шекел шекела шекелей шекель шекеля шекелі шекелів щ щатски юан юана юаней юань юаня
юані юанів южноафрикански южноафриканский южноафриканских южноафриканского южнокорейская южнокорейски южнокорейские южнокорейских японска
японская японски японские японских японська японських японські ярд ярда ярди ярдов ярдів євро єна єни ізраїльський ізраїльських
ізраїльського ізраїльські індонезійська індонезійських індонезійські індійська індійських індійської індійські јапанска јапански јапанских
јард јарда јарди јен јена јрд јуан јуана јужноафричка јужноафрички јужноафричких јужнокорејска јужнокорејски јужнокорејских אונקיה אונקיות
אוקראיני אחוז אחת איחוד אינדונזיות אינדונזית אינץ אירו אמריקאי אפריקאי בהט בייט ברזילאי ג גל גלון גלונים גר גרם דולר דונג דירהם דני דק דקה
דקות דרום הודי הונגרי הנסיכויות הערביות הקטאר הריבנה וון וייטנאמי זלוטי ח חדש חדשה חדשים חודש חודשיים חודשים טורקיות טורקית טרה יארד יגה
יואן יום יומיים ימ ימים ין יפני כית כתר ל לאו ליטר לירה לירות לשעה מ מגה מטר מטרים מייל מיליליטר מילימטר מילימטרים מעלה מעלות מעלת נורווגי
ס סיני סנטימטר סנטימטרים פאונד פולני פורינט פרנהייט פרנק צ צלזיוס ק קורונה קוריאני קילו קילוגרם קילומטר קילומטרים קמ ראנד רגל רובל רומני
רוסי רופי רופיה רופיות ריאל ש שבוע שבועות שבועיים שוודי שוויצרי שטרלינג של שנ שנה שניה שניות שנים שע שעה שעות שעתיים שקל שקלים שתי תאילנדי
آمریکا أسابيع أسبوع أسبوعان أسبوعًا أشهر أفريقيا أمتار أمريكي أميال أوكراني أونصة أيام إ إسترليني إسرائيلي إماراتي إندونيسية اسرائیل
اسرائیلی افریقای افریقی الجنوبية الساعة امارات اماراتی امریکی اندونزی انچ انڈونیشین اونس اوکراین اینچ ب بائٹ بائٹس بات باخت بالمائة بايت
باہت بایت برازيلي برازیلی برزیل برطانوی بریتانیا بوصة بولندي بھارتی تايلاندي تایلند ترابایت تركية ترکی ترکیه تشيكية تيرابايت تھائی ث ثانية
ثانيتان ثانیه ثوان جاپانی جديد جدید جمهوری جنوب جنوبی جنيه د دانمارک دانگ در درجات درجة درجتان درجه درجهٔ درصد درهم درہم دقائق دقيقة
دقيقتان دقیقه دلار دن دنماركية دولار دونج رئال راند رانڈ رطل رطلان رطلًا روبل روبية روز روسي روسی روسیه روماني رومانی رومانیائی روپیهٔ
روپیہ روپے ريال ریئل زلوتي زلوتی زلوٹی س ساعات ساعة ساعت ساعتان سال سانتی سلسیوس سم سنة سنتان سنتيمتر سنوات سوئد سوئس سوئیس سويدية سويسري
سویڈن سیلسیس سینٹی سیکنڈ شهر شهران شهرًا شيكل شِکِل شیکل شیکلز صيني عرب عربی غ غالون غرام غرامات غرامان غرامًا غيغابايت ف فارن فارنهایت
فرانک فرانکس فرنك فهرنهايت فوت فورنٹ فورينت فورینت في فيتنامي فی فیصد فیٹ قدم كرونة كغم كم كوريا كيلوبايت كيلوغرام كيلومتر كيلومترات
كيلومترًا لئوی لتر لهستان ليرة ليو لی لیتر لیرا لیرهٔ لیو لیٹر م مئوية ماه مایل متحدهٔ متحدہ متر متران مترًا مجارستان ملتر مليلتر مليمتر
ملی ملیمیٹر مم منٹ ميغابايت ميل ميلان ميلاً ميگابائٹس مگابایت مہینہ مہینے میل میلی میٹر میگابائٹ ناروے نرويجية نروژ نیا هريفنيا هریونیای
هفته هكتار هند هندي هنغاري هکتار واحدة وون ویتنام ویتنامی ياباني ياردة ين يوان يورو يوم يومان يومًا ٹیرابائٹ پاؤنڈ پولش پوند پونڈ چک چین
چینی چیک ڈالر ڈانگ ڈنمارک ڈگری ژاپن کرهٔ کرون کرونا کروناز کرونر کلو کلوبائٹ کلوبائٹس کلومیٹر کورونای کوریائی کیلوبایت کیلومتر کیلوگرم
گالن گرام گرم گھنٹہ گھنٹے گیلن گیگابائٹ گیگابایت ہائیٹ ہریونیا ہفتہ ہفتے ہنگرین ہیکٹر یارد یارڈ ین یوآن یورو یوکرینیائی अंश अफ़्रीकी
अमीरात आ आठवडा आठवडे आफ्रिकी इंच इंडोनेशियन इंडोनेशियाई इज़राइली ईस्त्रायली औंस कि किग्रॅ किप्रता किमी किलोग्राम किलोग्रॅम किलोबाइट
किलोमीटर कोरियन कोरियाई कोरुना कोरुनाज क्रोन क्रोनर क्रोना क्रोनोर गज़ गणराज्य गिगाबाइट गीगाबाइट गॅलन गैलन ग्रा ग्राम ग्रॅ ग्रॅम घं घंटा
घंटे चीनी चेक जपानी ज़्लॉटी जापानी झेक झ्लॉटी झ्लॉटीज टक्के टेराबाइट टेराबाइट्स डिग्री डॅनिश डैनिश डॉलर डॉलर्स डोंग ता तास तुर्की थाई
दक्षिण दिन दिरहाम दिरहॅम दिवस नॉर्वेजियन न्यू पाउंड पाऊंड पाऊंड्स पोलिश पौंड प्र प्रजासत्ताक प्रति प्रतिशत फ़ीट फ़ुट फ़ेरन फ़ेरनहाइट
फ़ोरिंट फ़्रैंक फूट फॅ फॅरनहाईट फॉरिन्ट फॉरिन्ट्स फ्रँक फ्रँक्स बहत बाइट बाहत ब्राज़ीली ब्राझिलियन ब्रिटिश भारतीय महिना महिने महीना महीने
माह मि मिनट मिनि मिनिट मिनिटे मिमी मिलिमीटर मिली मिलीमीटर मिलीलीटर मी मीटर मील मेगाबाइट मैप्रता मैल यार्ड युआन युक्रेनियन युरो यूएस
यूक्रेनियन यूरो येन रँड रशियन रियाल रियाल्स रिवनिया रिवनियाज रिव्निया रुपए रुपया रुपये रुपिया रुपिये रुबल रुबल्स रूबल रूसी रैंड रोमानियन
रोमानियाई लिरा ली लीटर लीरा लेई लेऊ ल्यू वर्ष वर्षे वियतनामी वॉन व्हिएतनामी शेकेल संयुक्त सप्ताह से सें सेंटीमीटर सेंमी सेकंड सेकंद
सेल्सिअस सेल्सियस स्टर्लिंग स्विस स्वीडिश स्वीडीश हंगेरियन हे हेक्टर हेक्टेयर আউন্স আফ্রিকান আমিরাত আরব ইউক্রেইন ইউরো ইঞ্চি ইন্দোনেশিয়ান
ইয়েন ইসরায়েলি ওন কিমি কিলোগ্রাম কিলোবাইট কিলোমিটার কেজি কোরিয়ান কোরুনা ক্রোন ক্রোনা ক্রোনার ক্রৌন গজ গিগাবাইট গ্যালন গ্রাম ঘণ্টা চীনা
চেক জাপানি জ্লোটি টাকা টেরাবাইট ডঙ্গ ডলার ডিগ্রী ড্যানিশ তুর্কি থাই দক্ষিণ দিন দিরহাম নতুন নরওয়েজিয়ান পাউন্ড পোলিশ প্রজাতন্ত্র প্রতি
ফারেনহাইট ফুট ফোরিন্ট ফ্রাঁ বছর বাইট বাত ব্রাজিলিয়ান ব্রিটিশ ভারতীয় ভিয়েতনামি মাইল মার্কিন মাস মি মিটার মিনিট মিমি মিলিমিটার মিলিলিটার
মেগাবাইট য়ুয়ান রাশিয়ান রিয়েল রুপিয়াহ রুবেল রুমানিয়া রেন্ড লিটার লিরা লেয়ু শতাংশ শেকেল সংযুক্ত সপ্তাহ সুইডিশ সুইস সেকেন্ড
সেন্টিমিটার সেমি সেলসিয়াস হাঙ্গেরিয়ান হৃভনিয়া হেক্টর અંશ અઠ અઠવાડિયા અઠવાડિયું આફ્રિકી ઇંચ ઇઝરાયેલી ઇન્ડોનેશિયન ઔંસ કલાક કિગ્રા કિમી
કિલોગ્રામ કિલોબાઇટ કિલોમીટર કોરિયન કોરુના ક્રોન ક્રોના ગીગાબાઇટ ગૅલન ગ્રા ગ્રામ ચાઇનિઝ ચેક જાપાનીઝ ઝ્લોટી ટકા ટેરાબાઇટ ડિગ્રી ડેનિશ ડૉલર
ડોંગ તુર્કિશ થાઇ દક્ષિણ દિરહામ દિવસ નૉર્વેજિયન ન્યુ પાઉન્ડ પાઉન્ડ્સ પોલિસ પ્રતિ ફૂટ ફેરનહીટ ફોરિન્ત ફ્રેંક બાઇટ બાહ્ત બ્રાઝિલીયન બ્રિટિશ
ભારતીય મહિના મહિનો માઇલ મિનિટ મિમી મિલિમીટર મિલિલીટર મી મીટર મેગાબાઇટ યુઆન યુઍસ યુક્રેનિયન યુરો યેન રશિયન રિઆલ રીપબ્લિક રૂપિયા રૂબલ રૂબલ્સ
રેંડ રોમાનિયન લિ લિટર લિરા લેઉ વન વર્ષ વાર વિયેતનામીસ શેકલ સેકંડ સેન્ટિમીટર સેમી સેલ્સિયસ સ્વિસ સ્વીડિશ હંગેરીયન હેક્ટર હ્રિવિનિયા
ஃபாரன்ஹீட் ஃபோரின்ட் ஃபோரின்ட்கள் ஃப்ராங்குகள் ஃப்ராங்க் அங்குலங்கள் அங்குலம் அடி அமெரிக்க அரபு அவுன்ஸ் அவுன்ஸ்கள் ஆண்டு ஆண்டுகள் ஆப்ரிக்க
இந்திய இந்தோனேஷியன் இஸ்ரேலி உக்ரைனியன் எமிரேட்ஸ் ஐக்கிய கி கிகாபைட் கிகாபைட்கள் கிராம் கிராம்கள் கிலோகிராம் கிலோகிராம்கள் கிலோபைட்
கிலோபைட்கள் கிலோமீட்டர் கிலோமீட்டர்கள் குடியரசு கெஜ கெஜம் கேல கேலன் கேலன்கள் கொரிய கொருனா கொருனாக்கள் க்ரோனர் க்ரோனா க்ரோன் சதவீதம் சீன
சுவிஸ் செ செக் சென்டிமீட்டர் சென்டிமீட்டர்கள் செல்சியஸ் ஜப்பானிய டாங் டாலர் டாலர்கள் டிகி டிகிரி டிகிரீஸ் டெராபைட் டெராபைட்கள் டேனிஷ் தாய்
திர்ஹாம் திர்ஹாம்கள் துருக்கிஷ் தென் நாட்கள் நார்வேஜியன் நாள் நிமி நிமிடங்கள் நியூ நே பவு பவுண்டு பவுண்டுகள் பாட் பிரிட்டிஷ் பிரேசிலியன்
பை பைட் பைட்கள் போலிஷ் ம மணிநேரம் மாத மாதங்கள் மாதம் மிலி மில்லிமீட்டர் மில்லிமீட்டர்கள் மில்லிலிட்டர் மில்லிலிட்டர்கள் மீ மீட்டர்
மீட்டர்கள் மெகாபைட் மெகாபைட்கள் மை மைல் மைல்கள் யுவான் யூரோ யூரோக்கள் யென் ரஷியன் ராண்ட் ரியால் ரியால்கள் ருபியா ருபியாக்கள் ரூபாய்
ரூபாய்கள் ரூபிள் ரூபிள்கள் ரோமானியன் லி லிட்டர் லிட்டர்கள் லியூ லீரா லேய் வான் வார வாரங்கள் வாரம் விநாடி விநாடிகள் வியட்நாமீஸ் ஷிகேல்
ஷிகேல்கள் ஸ்லாட்டி ஸ்லாட்டிகள் ஸ்வீடிஷ் ஹங்கேரியன் ஹிரைவ்னியா ஹிரைவ்னியாக்கள் ஹெக்டேர் ஹெக்டேர்கள் అ అం అంగుళం అంగుళాలు అడుగు అడుగులు
అమెరికా ఆఫ్రికా ఆరబ్ ఇండోనేషియా ఇజ్రాయేలీ ఉక్రేనియన్ ఎమిరేట్స్ ఎమ్ ఔ ఔన్సు ఔన్సులు కి కిలోగ్రాము కిలోగ్రాములు కిలోబైట్ కిలోబైట్లు
కిలోమీటరు కిలోమీటర్లు కేబీ కొరియా కోరునా కోరునాలు క్రోనర్ క్రోనా క్రోన్ గ గం గంట గంటకు గంటలు గజం గజాలు గిగాబైట్ గిగాబైట్లు గ్యా గ్యాలన్
గ్యాలన్లు గ్రా గ్రాము గ్రాములు చెక్ చైనీస్ జపనీస్ జీబీ జ్లోటీ జ్లోటీలు టర్కిష్ టీబీ టెరాబైట్ టెరాబైట్లు డాంగ్ డానిష్ డాలర్ డి డిగ్రీ
డిగ్రీల డిగ్రీలు థాయ్ దక్షిణ దిరామ్ నార్వేజీయన్ నిమి నిమిషం నిమిషాలు నె నెల నెలలు న్యూ పోలిష్ పౌ పౌండు పౌండ్ పౌండ్లు ఫా ఫారెన్ ఫోరింట్
ఫ్రాంక్ బాట్ బై బైట్ బ్రిటిష్ బ్రెజిలియన్ భారతదేశ మిల్లీమీటరు మిల్లీమీటర్లు మిల్లీలీటరు మిల్లీలీటర్లు మీ మీటరు మీటర్లు మెగాబైట్ మెగాబైట్లు
మై మైలు మైళ్లు యునైటెడ్ యువాన్ యూరో యూరోలు యెన్ రష్యన్ రిపబ్లిక్ రియల్ రూపాయలు రూపాయి రూబల్ రోజు రోజులు రోమానియాన్ ర్యాండ్ లీ లీటరు
లీటర్లు లీరా లు లెయు వా వారం వారాలు వియత్నామీయుల వోన్ శాతం షెకెల్ సం సంవత్సరం సంవత్సరాలు సె సెం సెంటీమీటరు సెంటీమీటర్లు సెక సెకను సెకన్లు
సెల్సి సెల్సియస్ స్విస్ స్వీడిష్ హంగేరియన్ హీట్ హె హెక్టారు హెక్టార్లు హ్రివ్నియా హ్రివ్నియాలు ಅ ಅಂ ಅಂಗುಲ ಅಂಗುಲಗಳು ಅಡಿ ಅಮೆರಿಕದ ಆಫ್ರಿಕನ್
ಇಂಡೊನೇಷ್ಯಾ ಇಸ್ರೇಲಿ ಉಕ್ರೇನಿಯನ್ ಔ ಔನ್ಸ್ ಕಿ ಕಿಮೀ ಕಿಲೋಗ್ರಾಂ ಕಿಲೋಗ್ರಾಂಗಳು ಕಿಲೋಬೈಟ್ ಕಿಲೋಮೀಟರ್ ಕೆಜಿ ಕೊರಿಯನ್ ಕೊರೂನ ಕೊರೂನಗಳು ಕ್ರೋನರ್ ಕ್ರೋನಾ ಕ್ರೋನ್
ಗ ಗಂ ಗಂಟೆ ಗಂಟೆಗಳು ಗಂಟೆಗೆ ಗಜ ಗಜಗಳು ಗಣರಾಜ್ಯ ಗಳು ಗಿ ಗಿಗಾಬೈಟ್ ಗ್ಯಾ ಗ್ಯಾಲನ್ ಗ್ರಾ ಗ್ರಾಂ ಗ್ರಾಂಗಳು ಚೈನೀಸ್ ಜಪಾನೀಸ್ ಝೆಕ್ ಝ್ಲೋಟಿ ಝ್ಲೋಟಿಗಳು ಟರ್ಕಿಶ್ ಟೆ
ಟೆರಾಬೈಟ್ ಡಾಂಗ್ ಡಾಲರ್ ಡಿ ಡಿಗ್ರಿ ಡಿಗ್ರಿಗಳು ಡಿಗ್ರಿಯು ಡ್ಯಾನಿಶ್ ತಿಂ ತಿಂಗಳು ಥಾಯ್ ದಕ್ಷಿಣ ದಿನ ದಿನಗಳು ದಿನವು ದಿರಾಮ್ ನಾರ್ವೇಯ ನಿಮಿ ನಿಮಿಷಗಳು ನಿಮಿಷವು
ನ್ಯೂ ಪೊಲಿಶ್ ಪೌಂ ಪೌಂಡ್ ಪ್ರತಿ ಫೋರಿಂಟ್ ಫ್ಯಾ ಫ್ಯಾರೆನ್ ಫ್ರಾಂಕ್ ಬಹ್ತ್ ಬೈ ಬೈಟ್ ಬ್ರಿಟಿಷ್ ಬ್ರೆಜಿಲಿಯನ್ ಭಾರತೀಯ ಮಿಮೀ ಮಿಲಿಮೀಟರ್ ಮಿಲಿಲೀಟರ್ ಮೀ ಮೀಟರ್ ಮೆ
ಮೆಗಾಬೈಟ್ ಮೈ ಮೈಲು ಮೈಲುಗಳು ಯುಎಇ ಯುವಾನ್ ಯೂರೊ ಯೂರೊಗಳು ಯೆನ್ ರಶಿಯನ್ ರಾಂಡ್ ರಿಯಲ್ ರುಪೈ ರೂಪಾಯಿ ರೂಪಾಯಿಗಳು ರೂಬಲ್ ರೊಮೇನಿಯನ್ ಲಿರಾ ಲೀ ಲೀಟರ್ ಲೆಯ್ ಲೆವು
ವರ್ಷ ವರ್ಷಗಳು ವಾರ ವಾರಗಳು ವಾರವು ವಿಯೆಟ್ನಾಮೀಸ್ ವೊನ್ ಶೇಕಡಾ ಶೇಕಡಾವು ಶೇಖಲ್ ಸೆ ಸೆಂಟಿಮೀಟರ್ ಸೆಕೆಂ ಸೆಕೆಂಡುಗಳು ಸೆಕೆಂಡ್ ಸೆಮೀ ಸೆಲ್ಶಿಯಸ್ ಸ್ವಿಸ್ ಸ್ವೀಡಿಷ್
ಹಂಗೇರಿಯನ್ ಹಿಟ್ ಹೆ ಹೆಕ್ಟೇರುಗಳು ಹೆಕ್ಟೇರ್ ಹ್ರಿವ್ನೀಯ ಹ್ರಿವ್ನೀಯಗಳು അടി ആ ആഴ്ച ഇ ഇഞ്ച് ഇന്തോനേഷ്യൻ ഇന്ത്യൻ ഇസ്രായേലി ഉക്രേനിയൻ എ എസ് ഔ ഔൺസ് കി
കിലോഗ്രാം കിലോബൈറ്റ് കിലോമീറ്റർ കൊരുണ കൊറിയൻ ക്രോണ ക്രോണെ ഗാ ഗാലൺ ഗിഗാബൈറ്റ് ഗ്രാം ചെക്ക് ചൈനീസ് ജാപ്പനീസ് ടെറാബൈറ്റ് ടർ ടർക്കിഷ് ഡാനിഷ്
ഡിഗ്രി ഡോങ് ഡോളർ തായ് ദക്ഷിണ ദക്ഷിണാഫ്രിക്കൻ ദിവസം ദിർഹം നിയ നോർവീജിയൻ ന്യൂ പോളിഷ് പൗ പൗണ്ട് ഫാ ഫാരൻഹീറ്റ് ഫോറിന്റ് ഫ്രാങ്ക് ബട്ട് ബൈറ്റ്
ബ്രസീലിയൻ ബ്രിട്ടീഷ് മ മണിക്കൂർ മാസം മി മിനിറ്റ് മില്ലിലിറ്റർ മില്ലീമീറ്റർ മീ മീറ്റർ മെഗാബൈറ്റ് മൈ മൈൽ യു യുവാൻ യൂറോ യെൻ രൂപ റഷ്യൻ റാൻഡ്
റിപ്പബ്ലിക് റിയാൽ റുപിയ റൂബിൾ റൊമാനിയൻ ലി ലിറ ലിറ്റർ ലെയു വ വാര വിയറ്റ്നാമീസ് വോൺ വർഷം ഷെക്കെൽ സെ സെക്കൻഡ് സെന്റീമീറ്റർ സെൽഷ്യസ് സ്ലോട്ടി
സ്വിസ് സ്വീഡിഷ് ഹംഗേറിയൻ ഹെക് ഹ്രിവ് ഹ്രിവ്നിയ 개월 갤런 그램 그리브나 기가바이트 남아프리카 년 노르웨이 달러 대한민국 덴마크 도 동 디르함 랜드 러시아 레알 레우 루마니아 루블 루피 루피아 리라 리터 마일
메가바이트 미국 미터 밀리리터 밀리미터 바이트 바트 베트남 분 브라질 섭씨 세켈 센티미터 스웨덴 스위스 시간 시속 신권 아랍에미리트 야드 엔화 영국 온스 우크라이나 원 위안화 유로 이스라엘 인도 인도네시아 인치 일 일본 주 중국 즈워티 체코 초
코루나 크로나 크로네 킬로그램 킬로미터 킬로바이트 태국 테라바이트 튀르키예 파운드 포린트 폴란드 프랑 피트 헝가리 헥타르 화씨 กรัม กิกะไบต์ กิโลกรัม กิโลเมตร กิโลเมตรต่อชั่วโมง กิโลไบต์ ชั่วโมง
ซลอตีโปแลนด์ ดองเวียดนาม ดอลลาร์สหรัฐ นาที นิวเชเกลอิสราเอล นิ้ว บาทไทย ปอนด์ ปอนด์สเตอร์ลิง ฟรังก์สวิส ฟอรินต์ฮังการี ฟุต มิลลิลิตร
มิลลิเมตร ยูโร รูปีอินเดีย รูเบิลรัสเซีย รูเปียห์อินโดนีเซีย ลิตร ลิวโรมาเนีย ลีราตุรกี วอนเกาหลีใต้ วัน วินาที สหราชอาณาจักร สัปดาห์
หยวนจีน หลา องศา องศาฟาเรนไฮต์ องศาเซลเซียส ออนซ์ ฮรีฟเนียยูเครน เซนติเมตร เดอร์แฮมสหรัฐอาหรับเอมิเรตส์ เดือน เทราไบต์ เปอร์เซ็นต์
เมกะไบต์ เมตร เยนญี่ปุ่น เรียลบราซิล เฮกตาร์ แกลลอน แรนด์แอฟริกาใต้ โครนนอร์เวย์ โครนาสวีเดน โครนเดนมาร์ก โครูนาสาธารณรัฐเช็ก ไบต์ ไมล์
ไมล์ต่อชั่วโมง ກິໂລກຣາມ ກິໂລແມັດ ກິໂລແມັດຕໍ່ຊົ່ວໂມງ ຊັງຕີແມັດ ຊົ່ວໂມງ ມິນລິແມັດ ມິນລີລິດ ວິນາທີ ຫລີໃຕ້ ອັງກິດ ອາທິດ ອົງສາ ອົງສາຟາເຣນຮາຍ
ເຊົາທ໌ ເດືອນ ເປີເຊັນ ເຮັກຕາ ແກລລອນ ແຣນດ໌ ໂຄຣນເນີ ໄມລ໌ຕໍ່ຊົ່ວໂມງ ကိုက် ကီလိုဂရမ် ကီလိုဘိုက် ကီလိုမီတာ ခရိုဏာ ခိုရိုနာ ချက် ဂစ်ဂါဘိုက် ဂရမ်
ဂါလံ ဂျပန် စက္ကန့် စင်တီဂရိတ် စင်တီမီတာ ဆွစ် ဆွီဒင် ဇလော့တီ တစ်နာရီလျှင် တယ်ရာဘိုက် တရုတ် တူရကီ တောင်ကိုရီးယား တောင်အာဖရိက ထိုင်း ဒါဟမ်း
ဒိန်းမတ် ဒီဂရီ ဒေါင် ဒေါ်လာ နာရီ နော်ဝေ နှစ် ပတ် ပိုလန် ပေါင် ပြည်ထောင်စု ဖရန့် ဖာရင်ဟိုက် ဖော်ရင့်တ် ဗီယက်နမ် ဗြိတိသျှ ဘတ် ဘရာဇီး ဘိုက်
မိနစ် မိုင် မီဂါဘိုက် မီတာ မီလီမီတာ မီလီလီတာ ယန်း ယူကရိန်း ယူရို ယွမ် ရက် ရန်း ရာခိုင်နှုန်း ရိုမေးနီးယား ရီးယဲ ရုရှ ရူပီး ရူပီးယား ရူဘယ်
ရှဲကလ်အသစ် လက်မ လယ်အို လိုင်ရာ လီတာ ဝမ် ဟက်တာ ဟန်ဂေရီယံ ဟီရီဗင်းညား အင်ဒိုနီးရှား အစ္စရေး အမေရိကန် အာရပ်စော်ဘွားများ အိန္ဒိယ အောင်စ កូរុណា
ក្នុង ក្រាម ក្រូណា ក្រូណេ គីឡូក្រាម គីឡូបៃ គីឡូម៉ែត្រ ឆេក ឆ្នាំ ជប៉ុន ជីកាបៃ ដាណាម៉ាក់ ដឺក្រេ ដុង ដុល្លារ ឌៀរហាំ តេរ៉ាបៃ ថ្ងៃ នាទី ន័រវ៉េ
បាត ប៉ូឡូញ ប្រេស៊ីល ផោន ផោនចក្រភពអង់គ្លេស ភាគរយ មិល្លីម៉ែត្រ មិល្លីលីត្រ មួយ មេកាបៃ ម៉ាយ ម៉ាយក្នុងមួយម៉ោង ម៉ែត្រ ម៉ោង យេន យ៉ាត យ័នចិន
រុស្ស៊ី រូពីឥណ្ឌា រូពីឥណ្ឌូណេស៊ី រូម៉ានី រៀល រ៉ង់អាហ្វ្រិកខាងត្បូង រ៉ូបល លីត្រ លីរ៉ាទួរគី វិនាទី វៀតណាម វ៉ុនកូរ៉េខាងត្បូង សង់ទីម៉ែត្រ
សប្ដាហ៍ សាធារណៈ ស៊ីគែលថ្មីអ៊ីស្រាអែល ស៊ុយអែត ហិកតា ហុងគ្រី ហ៊ូនីយ៉ា ហ្គាឡុង ហ្វារិនហៃ ហ្វីត ហ្វូរីន ហ្វ្រង់ស្វីស ហ្សូទី អង្សា អង្សាសេ
អាមេរិក អារ៉ាប់រួម អឺរ៉ូ អោន អ៊ីញ អ៊ុយក្រែន
`;

/** Of Japanese and Chinese, where words are not parted: texts of which several may follow one another. */
export const UNIT_TEXTS = `
か月 イスラエル新シェケル インチ インド インドネシア ウクライナ オンス ガロン キログラム キロバイト キロメートル ギガバイト クローナ クローネ グラム コルナ スイス スウェーデン ズウォティ センチメートル タイ チェコ テラバイト ディルハム デンマーク
トルコ ドン ノルウェー ハンガリー バイト バーツ パーセント フィート フォリント フラン フリヴニャ ブラジル ヘクタール ベトナム ポンド ポーランド マイル ミリメートル ミリリットル メガバイト メートル ヤード ユーロ ランド リットル リラ ルピア ルピー
ルーブル ルーマニア レアル レイ ロシア 个月 中国人民元 丹麥克朗 丹麦克朗 乌克兰格里夫纳 人民币 人民幣 以色列新謝克爾 以色列新谢克尔 俄罗斯卢布 俄羅斯盧布 個月 元 兆字节 克 公分 公升 公尺 公斤 公里 公釐 公頃 公顷 円 分鐘 分钟 加仑 加侖
匈牙利福林 千克 千字节 升 华氏度 南アフリカ 南非兰特 南非蘭特 印尼盾 印度卢比 印度尼西亚卢比 印度盧比 厘米 吉字节 吋 周 土耳其里拉 天 太字节 字节 小时 小時 巴西雷亚尔 巴西雷亞爾 年 度 挪威克朗 捷克克朗 摂氏 摄氏度 攝氏 日 日元 日圓 時速 時間
欧元 歐元 每小时 每小時 毫升 毫米 波兰兹罗提 波蘭茲羅提 泰銖 泰铢 烏克蘭格里夫納 瑞典克朗 瑞士法郎 盎司 码 碼 磅 秒 秒钟 米 米ドル 罗马尼亚列伊 羅馬尼亞列伊 美元 英国ポンド 英寸 英尺 英里 英鎊 英镑 華氏 越南盾 週 週間 阿拉伯聯合大公國迪爾汗
阿联酋迪拉姆 韓元 韓国ウォン 韩元
`;
